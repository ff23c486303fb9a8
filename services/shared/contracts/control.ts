import { z } from 'zod';
import { count } from './field.ts';

/** HTTP between the operator and a service. */

/** One named check with the reason why it fails. */
export const checkSchema = z.strictObject({
  name: z.string().min(1).max(40),
  ok: z.boolean(),
  /** CamelCase, `Ok` when it passes. */
  reason: z.string().min(1).max(60),
  message: z.string().max(500),
});

/** `GET /statusz`, and what `/readyz` is the short form of. */
export const statuszSchema = z.object({
  service: z.string().min(1).max(40),
  /** Release hash that this process runs, from its environment. */
  release: z.string().min(1).max(64),
  /** New at every process start: tells a restarted process from the one before. */
  incarnation: z.string().min(1).max(64),
  startedAt: z.string(),
  ready: z.boolean(),
  checks: z.array(checkSchema).max(40),
  figures: z.record(z.string(), z.union([z.number(), z.string(), z.null()])),
  /** Only of the sender of orders. */
  sender: z
    .object({
      role: z.enum(['warming', 'armed', 'activating', 'active', 'fenced']),
      /** The fence's epoch in the database, as last read; 0 before the first grant. */
      fenceEpoch: count,
      /** The epoch that this process holds; 0 while it holds none. */
      epoch: count,
    })
    .optional(),
});
export type Statusz = z.output<typeof statuszSchema>;

/** `POST /control/activate`, with `Authorization: Bearer <control token>`. Repeating it with the same epoch is harmless. */
export const activateRequest = z.strictObject({ epoch: z.int().min(1).max(Number.MAX_SAFE_INTEGER) });
/** 200 with this; 409 with it when the fence was raised by somebody else or this process may not activate any more. */
export const activateResponse = z.object({ accepted: z.boolean(), epoch: count, reason: z.string().max(200) });
export type ActivateResponse = z.output<typeof activateResponse>;

/** Where the operator mounts things in every pod. */
export const SETTINGS_FILE = '/etc/tradingstack/settings/settings.json';
export const SECRETS_DIRECTORY = '/etc/tradingstack/secrets';
/** Files below SECRETS_DIRECTORY. */
export const SECRET_FILES = {
  redisPassword: 'platform/redis-password',
  postgresPassword: 'platform/postgres-password',
  venueApiKey: 'venue/apiKey',
  venueSecretKey: 'venue/secretKey',
  controlToken: 'control/token',
} as const;
