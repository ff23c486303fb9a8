import type { TradingVenue } from '../../shared/venue/trading-venue.ts';
import { add, formatDecimal, ZERO, type Decimal } from '../../shared/domain/decimal.ts';
import type { Instrument } from '../../shared/domain/instrument.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { failed, OK, type CheckResult } from '../../shared/runtime/health.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { describeDrift, watchDrift, type DriftWatch } from '../core/reconcile/ledger-drift.ts';
import { tolerancesOf, type Tolerances } from '../core/reconcile/drift-scope.ts';
import type { DriftProblem } from '../core/sending.ts';
import { withUnbooked } from '../core/reconcile/unbooked-amounts.ts';
import type { DeadLetters } from '../orders/dead-letters.ts';
import type { ExecutionStore } from '../ports.ts';
import { requireValue } from './venue-silent-error.ts';

export interface BalanceCheckOptions {
  readonly store: Pick<
    ExecutionStore,
    'openLedger' | 'bookTransfers' | 'readLedger' | 'driftingAssets' | 'recordVenueBalances' | 'loadPortfolio'
  >;
  readonly venue: Pick<TradingVenue, 'balances'>;
  readonly symbols: readonly string[];
  readonly instrumentOf: (symbol: string) => Instrument | undefined;
  readonly deadLetters: Pick<DeadLetters, 'open'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Compares the ledger with the venue's balances. The first comparison of a stack opens the ledger with the venue's
 * balances. Drifts are recorded, so that they outlive the process. When the venue does not return balances, nothing is
 * recorded and the recorded balances age.
 */
export class BalanceCheck {
  readonly #options: BalanceCheckOptions;
  #watch: DriftWatch = { suspects: [], drifts: [] };

  constructor(options: BalanceCheckOptions) {
    this.#options = options;
  }

  get problems(): readonly DriftProblem[] {
    return this.#watch.drifts.map((drift) => ({ asset: drift.asset, problem: describeDrift(drift) }));
  }

  check(): CheckResult {
    const { problems } = this;
    if (problems.length === 0) return OK;
    const assets = problems.map(({ asset }) => asset).join(', ');
    return failed('LedgerDrift', `no buys with ${assets}: ${problems.map(({ problem }) => problem).join('; ')}`);
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
    for (const { amount, ...transfer } of await store.bookTransfers())
      log.info({ ...transfer, amount: formatDecimal(amount) }, 'transfer booked');
    const ledger = withUnbooked(await store.readLedger(), deadLetters.open);
    const before = new Set([...(await store.driftingAssets()), ...this.problems.map(({ asset }) => asset)]);
    const history = { suspects: this.#watch.suspects, drifting: before };
    this.#watch = watchDrift(history, { venue: held, ledger, tolerances: await this.#tolerances() });
    const added = this.problems.filter(({ asset }) => !before.has(asset));
    if (added.length > 0) log.error({ drifts: added }, 'ledger and venue balances differ, no buys with these assets');
    await store.recordVenueBalances(
      held,
      atMs,
      this.problems.map(({ asset }) => asset),
    );
  }

  /** A position counts although its instrument is no longer configured: it must still be found at the venue. */
  async #tolerances(): Promise<Tolerances> {
    const { store, symbols, instrumentOf } = this.#options;
    const { positions } = await store.loadPortfolio();
    const held = positions.filter(({ quantity }) => quantity !== ZERO).map(({ symbol }) => symbol);
    return tolerancesOf(new Set([...symbols, ...held]), instrumentOf);
  }
}
