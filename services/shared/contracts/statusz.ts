import { z } from 'zod';
import { tradingStatus } from './control.ts';
import { STOP_KINDS } from '../domain/stop.ts';
import { count, side, SYMBOLS_MAX, timeMs } from './field.ts';

/** Result of one named check, with the reason of a failure. */
export const checkSchema = z.object({
  name: z.string().min(1).max(40),
  ok: z.boolean(),
  /** CamelCase; `Ok` when the check passes. One that passes with another reason is degraded: a part of it fails. */
  reason: z.string().min(1).max(60),
  message: z.string().max(500),
});

/** Name of the check that market data is fresh. The gate FeedFresh finds the check by it. */
export const FEED_CHECK = 'feed';

/**
 * States of the sender of orders. warming: starting, nothing known yet. armed: can be activated. activating: holds the
 * fence, waits and reconciles. active: sends. draining: takes no order, and waits for the outcome of those in flight.
 * standby: drained, and has released the fence; can be activated. fenced: has lost the fence permanently, or is
 * shutting down; only a new process starts again.
 */
export const SENDER_ROLES = ['warming', 'armed', 'activating', 'active', 'draining', 'standby', 'fenced'] as const;
export type SenderRole = (typeof SENDER_ROLES)[number];

/** Name of the check that fails while another release of the service decides. */
export const ACTIVATION_CHECK = 'activation';

/** Which release of a service decides, of several that run at once. */
const activationStatus = z.object({
  /**
   * As last read; the check fails while that was long ago. active: the release of this process decides. armed: it
   * could, and waits for its activation.
   */
  role: z.enum(['armed', 'active']),
  /** Epoch of the active release, as last read; 0 without one. */
  epoch: count,
  /** Service hash that is active; null without one. */
  release: z.string().max(64).nullable(),
});
export type ActivationStatus = z.output<typeof activationStatus>;

/** Positions that are being closed, and why one is not closed yet. */
const flattenStatus = z.object({
  openPositions: count,
  problems: z
    .array(
      z.object({
        strategy: z.string().max(100),
        symbol: z.string().max(100),
        reason: z.string().max(60),
        message: z.string().max(300),
      }),
    )
    .max(100),
});
export type FlattenStatus = z.output<typeof flattenStatus>;

/** Positions that should be closed, because their strategy is flat, a stop triggered, or Flattening applies. */
const exitsStatus = z.object({
  openPositions: count,
  /** Positions of which nothing can be sold, below the venue's minimum or not in the account: they stay. */
  dustPositions: count,
  /** The open ones first; the list may be cut. */
  positions: z
    .array(
      z.object({
        strategy: z.string().max(100),
        symbol: z.string().max(100),
        cause: z.enum(['Flat', 'Stop', 'Flattening']),
        /** Which stop, when that is the cause. */
        stop: z.enum(STOP_KINDS).nullish(),
        /** Since when the position should have been left. */
        since: z.string().max(40),
        /** Attempts since the position last became smaller. */
        attempts: count,
        /** What it waits for: why it is not closed yet, the order that works it, or the next attempt. */
        reason: z.string().max(60).nullable(),
        message: z.string().max(300),
      }),
    )
    .max(100),
});
export type ExitsStatus = z.output<typeof exitsStatus>;

/** Value of the account, and the breakers that refuse entries now. Amounts are in `currency`, null while unknown. */
const breakersStatus = z.object({
  currency: z.string().max(20).nullable(),
  equity: z.string().max(40).nullable(),
  /** Since the first equity of the UTC day, with fees. */
  dayProfit: z.string().max(40).nullable(),
  peak: z.string().max(40).nullable(),
  /** Why the equity is unknown, or for which assets a last price stands in; otherwise empty. */
  problem: z.string().max(300),
  tripped: z
    .array(
      z.object({
        breaker: z.string().max(60),
        /** Empty for a breaker that concerns every instrument. */
        symbol: z.string().max(100),
        since: z.string().max(40),
        message: z.string().max(300),
      }),
    )
    .max(100),
});
export type BreakersStatus = z.output<typeof breakersStatus>;

/** Open orders on our instruments that do not carry the tag of the stack. */
const foreignStatus = z.object({
  openOrders: count,
  /** The oldest first; the list may be cut. Amounts are decimals in quote per base, and in base. */
  orders: z
    .array(
      z.object({
        symbol: z.string().max(100),
        side,
        price: z.string().max(60),
        quantity: z.string().max(60),
        executed: z.string().max(60),
        ageMs: z.number().min(0),
        venueOrderId: z.string().max(100),
        clientOrderId: z.string().max(100),
        /** Tag of the stack of this product that sent it; null when something else did. */
        stackTag: z.string().max(20).nullable(),
      }),
    )
    .max(100),
});
export type ForeignStatus = z.output<typeof foreignStatus>;

/**
 * What the sender can show of its epoch, by which a swap is judged. What earlier senders left behind does not count.
 */
const senderEvidence = z.object({
  /** Orders that the venue accepted, and that it refused. */
  acknowledged: count,
  rejected: count,
  /** Orders without a usable answer: no connection, a timeout, a server error, a rate limit. */
  failed: count,
  /** Milliseconds from the commit of an order to its answer: the median of the newest 100; null without any. */
  medianMs: z.number().min(0).nullable(),
  /** Orders whose outcome is unknown, and those of which it has been for more than a minute. */
  unknownOrders: count,
  overdueOrders: count,
  /** Assets whose balance has not been what the ledger says since the process is the sender. */
  newDrifts: count,
});
export type SenderEvidence = z.output<typeof senderEvidence>;

/** The canary of a sender as it reports it: decimals as text. */
const canaryStatus = z.object({
  since: count,
  maxNotional: z.string().max(60),
  symbols: z.array(z.string().max(100)).max(SYMBOLS_MAX).exactOptional(),
});
export type CanaryStatus = z.output<typeof canaryStatus>;

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
      /**
       * Whether an activation after a clean drain lets it send at once: it has reached the venue for every instrument,
       * compared the clocks and read the balances a moment ago. Null in a role in which that does not matter.
       */
      rehearsed: z.boolean().nullish(),
      /** What bounds its entries, as last read with the fence. Null without; absent in releases that know of none. */
      canary: canaryStatus.nullish(),
      /** First and last order that this process sent in its epoch, UTC milliseconds; null before the first. */
      firstSentMs: timeMs.nullish(),
      lastSentMs: timeMs.nullish(),
      /** Null unless the role is active. Absent in releases that do not report it. */
      evidence: senderEvidence.nullish(),
      /** Whether this process may send an order now. Absent in releases that do not report it. */
      maySend: z.boolean().optional(),
      /** Why no order, or no entry, may be sent now; null if any may. */
      obstacle: z.object({ reason: z.string().max(60), message: z.string().max(300) }).nullish(),
      /** Age of the permit: since the last successful read of the fence was issued; null without a permit. */
      permitAgeMs: z.number().min(0).nullish(),
      /** Orders of the stack that the venue listed as open `ageMs` ago; null when it has not been asked. */
      openOrders: z.object({ count, ageMs: z.number().min(0) }).nullish(),
    })
    .optional(),
  /** Present only for a service of which one release decides. */
  activation: activationStatus.optional(),
  /** Present only for services that obey the trading state. */
  trading: tradingStatus.optional(),
  /** Null unless the trading state is Flattening, or the service halted because every position is closed. */
  flatten: flattenStatus.nullish(),
  /** Present only for the sender of orders; null while the venue lists none. */
  foreign: foreignStatus.nullish(),
  /** Null while the account is unknown. */
  exits: exitsStatus.nullish(),
  /** Null while the account is unknown. */
  breakers: breakersStatus.nullish(),
});
export type Statusz = z.output<typeof statuszSchema>;
export type SenderStatus = NonNullable<Statusz['sender']>;
