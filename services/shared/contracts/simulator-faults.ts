import { z } from 'zod';
import { asset, decimal, symbol } from './field.ts';

// Bodies of the exchange simulator's `POST /simulator/faults/<name>`, for tests.

/** Prices of the tape from now on, in basis points above the recorded ones: -500 is 5 % below, 0 is as recorded. */
export const priceFault = z.strictObject({ basisPoints: z.int().min(-9_900).max(30_000) });

/** Moves money into the account: a deposit, or with a negative amount a withdrawal. */
export const transferFault = z.strictObject({
  asset,
  amount: decimal.refine((amount) => amount !== 0n, 'must not be zero'),
});

/** Takes a pair off the venue's list, or lists it again. */
export const listingFault = z.strictObject({ symbol, listed: z.boolean() });

/** Cuts all streams, public and private, and refuses new ones for `cutMs`. */
export const streamsFault = z.strictObject({ cutMs: z.int().min(0).max(3_600_000) });

/** What each fault takes, by the last part of its path. */
export interface SimulatorFaults {
  readonly price: z.input<typeof priceFault>;
  readonly transfer: z.input<typeof transferFault>;
  readonly listing: z.input<typeof listingFault>;
  readonly streams: z.input<typeof streamsFault>;
}
