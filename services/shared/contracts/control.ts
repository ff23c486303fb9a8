import { z } from 'zod';
import { count } from './field.ts';

/** HTTP API between the operator and a service. */

/** Result of one named check, with the reason of a failure. */
export const checkSchema = z.strictObject({
  name: z.string().min(1).max(40),
  ok: z.boolean(),
  /** CamelCase; `Ok` when the check passes. */
  reason: z.string().min(1).max(60),
  message: z.string().max(500),
});

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
      role: z.enum(['warming', 'armed', 'activating', 'active', 'fenced']),
      /** Epoch of the fence in the database, as last read; 0 before the first grant. */
      fenceEpoch: count,
      /** Epoch that this process holds; 0 if it holds none. */
      epoch: count,
    })
    .optional(),
});
export type Statusz = z.output<typeof statuszSchema>;

/**
 * Body of `POST /control/activate`, with header `Authorization: Bearer <control token>`. Repeating it with the same
 * epoch is harmless.
 */
export const activateRequest = z.strictObject({ epoch: z.int().min(1).max(Number.MAX_SAFE_INTEGER) });
/** Response: 200 when accepted; 409 when another process raised the fence or this process can no longer activate. */
export const activateResponse = z.object({ accepted: z.boolean(), epoch: count, reason: z.string().max(200) });
export type ActivateResponse = z.output<typeof activateResponse>;

/** Paths at which the operator mounts files in every pod. */
export const SETTINGS_FILE = '/etc/tradingstack/settings/settings.json';
export const SECRETS_DIRECTORY = '/etc/tradingstack/secrets';
/** Files in SECRETS_DIRECTORY. */
export const SECRET_FILES = {
  redisPassword: 'platform/redis-password',
  postgresPassword: 'platform/postgres-password',
  venueApiKey: 'venue/apiKey',
  venueSecretKey: 'venue/secretKey',
  controlToken: 'control/token',
} as const;
