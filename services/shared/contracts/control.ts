import { z } from 'zod';
import { SOURCE_PATTERN, TRADING_STATES } from '../domain/trading-state.ts';
import { count, positiveDecimal, side, symbol, SYMBOLS_MAX, timeMs } from './field.ts';

const epoch = z.int().min(1).max(Number.MAX_SAFE_INTEGER);

/** What the entries of a new sender are bounded by until it has proven itself. No exit is. */
export const canaryTerms = z.strictObject({
  /** First epoch of the canary. What was bought in it and in later ones counts, so that a restart frees nothing. */
  since: epoch,
  /** What all buys since then may have cost and may still cost together, in the currency of the limits. */
  maxNotional: positiveDecimal,
  /** The only instruments on which entries are allowed. Absent: all. */
  symbols: z.array(symbol).min(1).max(SYMBOLS_MAX).exactOptional(),
});
export type CanaryTerms = z.output<typeof canaryTerms>;
export type CanaryDocument = z.input<typeof canaryTerms>;

/**
 * A command of the operator to a service: the body of `POST /control/activate`, with header `Authorization: Bearer
 * <control token>`. Repeating it with the same epoch is harmless, and sets the canary of that epoch: without one, its
 * entries have no such bound any more. Unknown fields are refused: one may restrict what a newer operator asks for.
 */
export const activateRequest = z
  .strictObject({ epoch, canary: canaryTerms.exactOptional() })
  .refine(({ epoch: granted, canary }) => canary === undefined || canary.since <= granted, {
    path: ['canary', 'since'],
    message: 'must not be above epoch',
  });
export type ActivateDocument = z.input<typeof activateRequest>;
/** Response: 200 when accepted; 409 when another process raised the fence or this process can no longer activate. */
export const activateResponse = z.object({ accepted: z.boolean(), epoch: count, reason: z.string().max(200) });
export type ActivateResponse = z.output<typeof activateResponse>;

/** What becomes of the orders that rest at the venue when a sender is drained. */
export const RESTING_POLICIES = ['Carry', 'Cancel'] as const;
export type RestingPolicy = (typeof RESTING_POLICIES)[number];

/**
 * Asks the sender to hand over: the body of `POST /control/drain`, with the same header. It takes no new order, waits
 * for the outcome of those in flight, and releases the fence. Repeating it with the same epoch is harmless. It never
 * sends again before it is activated in a higher epoch.
 */
export const drainRequest = z.strictObject({
  /** Epoch that the sender holds. */
  epoch,
  /** After so many milliseconds it answers whatever it knows, and goes on draining. */
  deadlineMs: z.int().min(0).max(60_000),
  /** Carry leaves resting orders to the next sender; Cancel cancels them first. */
  resting: z.enum(RESTING_POLICIES),
});
export type DrainRequest = z.output<typeof drainRequest>;

/** Response: 200 with what is known; 409 when this process does not hold the epoch. */
export const drainResponse = z.object({
  /** Whether nothing is in flight, every outcome is known, and the fence is released: the next sender need not wait. */
  drained: z.boolean(),
  epoch: count,
  /** Why it is not drained; empty if it is. */
  reason: z.string().max(300),
  /** Orders that rest at the venue, as far as the record knows. The list is cut at 200. */
  openOrders: z.array(z.object({ clientOrderId: z.string().max(100), symbol: z.string().max(100), side })).max(200),
});
export type DrainResponse = z.output<typeof drainResponse>;

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
