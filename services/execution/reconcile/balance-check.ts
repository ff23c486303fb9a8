import type { TradingVenue } from '../../shared/venue/trading-venue.ts';
import { add, ZERO, type Decimal } from '../../shared/domain/decimal.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { failed, OK, type CheckResult } from '../../shared/runtime/health.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { describeDrift, NOTHING_SEEN, watchDrift, type Drift } from '../core/reconcile/ledger-drift.ts';
import { withUnbooked } from '../core/reconcile/unbooked-amounts.ts';
import type { DeadLetters } from '../orders/dead-letters.ts';
import type { ExecutionStore } from '../ports.ts';
import { requireValue } from './venue-silent-error.ts';

export interface BalanceCheckOptions {
  readonly store: Pick<ExecutionStore, 'openLedger' | 'readLedger' | 'recordVenueBalances'>;
  readonly venue: Pick<TradingVenue, 'balances'>;
  readonly deadLetters: Pick<DeadLetters, 'open'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Compares the ledger with the venue's balances. The first comparison of a stack opens the ledger with the venue's
 * balances. When the venue does not return balances, nothing is recorded and the recorded balances age.
 */
export class BalanceCheck {
  readonly #options: BalanceCheckOptions;
  #watch = NOTHING_SEEN;

  constructor(options: BalanceCheckOptions) {
    this.#options = options;
  }

  get drifts(): readonly Drift[] {
    return this.#watch.drifts;
  }

  check(): CheckResult {
    if (this.drifts.length === 0) return OK;
    return failed('LedgerDrift', `only sells are sent: ${this.drifts.map(describeDrift).join('; ')}`);
  }

  async compare(): Promise<void> {
    const { store, venue, deadLetters, clock, log } = this.#options;
    const atMs = clock.nowMs();
    const balances = requireValue(await venue.balances());
    const held = new Map<string, Decimal>();
    for (const [asset, { free, locked }] of balances) {
      const total = add(free, locked);
      if (total !== ZERO) held.set(asset, total);
    }
    if (await store.openLedger(held)) log.info({ assets: [...held.keys()] }, 'ledger opened');
    const ledger = withUnbooked(await store.readLedger(), deadLetters.open);
    const wasEqual = this.drifts.length === 0;
    this.#watch = watchDrift(this.#watch, { venue: held, ledger });
    if (wasEqual && this.drifts.length > 0)
      log.error({ drifts: this.drifts.map(describeDrift) }, 'ledger and venue balances differ, only sells are sent');
    await store.recordVenueBalances(held, atMs);
  }
}
