import { z } from 'zod';
import { SOURCE_PATTERN, TRADING_STATES } from '../domain/trading-state.ts';
import { count, timeMs } from './field.ts';

/**
 * A command of the operator to a service: the body of `POST /control/activate`, with header `Authorization: Bearer
 * <control token>`. Repeating it with the same epoch is harmless. Unknown fields are refused: one may restrict what a
 * newer operator asks for.
 */
export const activateRequest = z.strictObject({ epoch: z.int().min(1).max(Number.MAX_SAFE_INTEGER) });
/** Response: 200 when accepted; 409 when another process raised the fence or this process can no longer activate. */
export const activateResponse = z.object({ accepted: z.boolean(), epoch: count, reason: z.string().max(200) });
export type ActivateResponse = z.output<typeof activateResponse>;

/**
 * Text of a person. Control characters become spaces: Postgres refuses NUL, which would keep a halt from being saved,
 * and a terminal obeys escape sequences.
 */
function line(maxLength: number) {
  return z
    .string()
    .max(maxLength)
    .overwrite((text) => text.replaceAll(/\p{Cc}/gu, ' '));
}

const source = z.string().regex(SOURCE_PATTERN, 'must be at most 40 lower-case letters, digits and "-"');

/** What one source asks for. */
const sourceRequest = z.object({
  source,
  state: z.enum(TRADING_STATES),
  author: line(200),
  reason: line(300),
  revision: count,
});

/**
 * Sets the trading state that one source asks for: the body of `POST /control/halt`, with the same header. Applied in
 * memory before anything is awaited. Unknown fields are ignored, so that a newer operator can halt an older service.
 */
export const tradingStateRequest = sourceRequest.extend({
  /**
   * The request was given to another process, and the database may not have it. A process takes a copy only above its
   * own revision of the source, or a copy that is late would undo a lift.
   */
  copied: z.boolean().optional(),
});
export type TradingStateRequest = z.output<typeof tradingStateRequest>;

/** State of one source, as a process holds it. */
export const sourceState = sourceRequest.extend({ sinceMs: timeMs });

/** Trading state of a process, by source. */
export const tradingStatus = z.object({
  /** The most restrictive state of all sources. */
  state: z.enum(TRADING_STATES),
  sources: z.array(sourceState).max(100),
  /** Whether Postgres has every state in `sources`. */
  persisted: z.boolean(),
  /** Whether the disk of the pod has every state in `sources`. Absent without a journal. */
  journaled: z.boolean().optional(),
});
export type TradingStatus = z.output<typeof tradingStatus>;

/** Response: 200 when applied; 409 when a less restrictive state is refused because its revision is not newer. */
export const tradingStateResponse = tradingStatus.extend({
  /** Orders of the stack that the venue last listed as open; null when unknown or not the sender. */
  openOrders: count.nullable(),
  reason: z.string().max(300),
});
export type TradingStateResponse = z.output<typeof tradingStateResponse>;
