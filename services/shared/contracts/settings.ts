import { z } from 'zod';
import { label } from './field.ts';

/** Stack section of every settings document. */
export const stackSettings = z.strictObject({
  /** `<name>-<first 8 characters of the UID of the resource>`: the key of every row of this stack. */
  id: label,
  name: label,
  namespace: label,
  mode: z.enum(['Paper', 'Testnet', 'Live']),
});

const port = z.int().min(1).max(65_535);
const host = z.string().min(1).max(253);

export const redisSettings = z.strictObject({ host, port, username: z.string().min(1).max(64) });
export const postgresSettings = z.strictObject({
  host,
  port,
  database: z.string().min(1).max(63),
  user: z.string().min(1).max(63),
});
/** Base URLs of the venue: `http://host:port` and `ws://host:port/ws`. */
export const venueSettings = z.strictObject({
  name: z.literal('mexc'),
  restUrl: z.url().max(300),
  wsUrl: z.url().max(300),
});

/**
 * A halt is a command. Releases before that command took it from their settings, and refuse a document without it, so
 * the operator keeps writing it for them. `true` comes from an operator of that time, which cannot lift it otherwise.
 */
export const settledHalt = z.literal(false, {
  error: 'must be false: upgrade the operator, which sends a halt as a command to this release',
});

export type StackPart = z.input<typeof stackSettings>;
export type RedisPart = z.input<typeof redisSettings>;
export type PostgresPart = z.input<typeof postgresSettings>;
export type VenuePart = z.input<typeof venueSettings>;
