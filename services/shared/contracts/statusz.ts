import { z } from 'zod';
import { count } from './field.ts';

/** Result of one named check, with the reason of a failure. */
export const checkSchema = z.strictObject({
  name: z.string().min(1).max(40),
  ok: z.boolean(),
  /** CamelCase; `Ok` when the check passes. */
  reason: z.string().min(1).max(60),
  message: z.string().max(500),
});

/**
 * Modes of the sender of orders. warming: starting, nothing known yet. armed: can be activated. activating: holds the
 * fence, waits and reconciles. active: sends. fenced: has lost the fence permanently, or is shutting down; only a new
 * process starts again.
 */
export const SENDER_ROLES = ['warming', 'armed', 'activating', 'active', 'fenced'] as const;
export type SenderRole = (typeof SENDER_ROLES)[number];

/** Response of `GET /statusz`. `/readyz` returns the short form. */
export const statuszSchema = z.object({
  service: z.string().min(1).max(40),
  /** Hash of the release that this process runs, from its environment. */
  release: z.string().min(1).max(64),
  /** New at every process start: distinguishes a restarted process from its predecessor. */
  incarnation: z.string().min(1).max(64),
  startedAt: z.string(),
  ready: z.boolean(),
  checks: z.array(checkSchema).max(40),
  figures: z.record(z.string(), z.union([z.number(), z.string(), z.null()])),
  /** Present only for the sender of orders. */
  sender: z
    .object({
      role: z.enum(SENDER_ROLES),
      /** Epoch of the fence in the database, as last read; 0 before the first grant. */
      fenceEpoch: count,
      /** Epoch that this process holds; 0 if it holds none. */
      epoch: count,
    })
    .optional(),
});
export type Statusz = z.output<typeof statuszSchema>;
export type SenderStatus = NonNullable<Statusz['sender']>;
