import type { TradingVenue } from '../../shared/venue/trading-venue.ts';
import { UnfinishedError } from './unfinished-error.ts';

/** What a reconcile asks of the whole account and of each instrument. */
export type ReconciledVenue = Pick<TradingVenue, 'openOrders' | 'fills' | 'balances' | 'clockSkewMs'>;

/**
 * A venue whose answers are no longer waited for after `interrupt`: under the budget of requests, one may take seconds.
 * What it was asked rejects with UnfinishedError then, and its answer is ignored.
 */
export class InterruptibleVenue implements ReconciledVenue {
  readonly #venue: ReconciledVenue;
  readonly #waits = new Set<(error: Error) => void>();

  constructor(venue: ReconciledVenue) {
    this.#venue = venue;
  }

  readonly openOrders: ReconciledVenue['openOrders'] = async (symbol) =>
    await this.#answer(this.#venue.openOrders(symbol));

  readonly fills: ReconciledVenue['fills'] = async (symbol, range) =>
    await this.#answer(this.#venue.fills(symbol, range));

  readonly balances: ReconciledVenue['balances'] = async () => await this.#answer(this.#venue.balances());

  readonly clockSkewMs: ReconciledVenue['clockSkewMs'] = async () => await this.#answer(this.#venue.clockSkewMs());

  interrupt(): void {
    for (const reject of this.#waits) reject(new UnfinishedError('interrupted, because the next sender waits'));
  }

  async #answer<T>(answer: Promise<T>): Promise<T> {
    const { promise: interrupted, reject } = Promise.withResolvers<never>();
    this.#waits.add(reject);
    try {
      return await Promise.race([answer, interrupted]);
    } finally {
      this.#waits.delete(reject);
    }
  }
}
