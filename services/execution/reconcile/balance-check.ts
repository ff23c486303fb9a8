import type { TradingVenue, UnreadBalance, VenueBalance } from '../../shared/venue/trading-venue.ts';
import { add, formatDecimal, ZERO, type Decimal } from '../../shared/domain/decimal.ts';
import type { Instrument } from '../../shared/domain/instrument.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { degraded, failed, OK, type CheckResult } from '../../shared/runtime/health.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { describeDrift, watchDrift, type Drift, type DriftWatch } from '../core/reconcile/ledger-drift.ts';
import { tolerancesOf, type Tolerances } from '../core/reconcile/drift-scope.ts';
import type { DriftProblem } from '../core/sending.ts';
import { movableAmounts } from '../core/reconcile/movable-amounts.ts';
import { differenceOf, sumOf, unbookedAmounts, uncountedFills } from '../core/reconcile/unbooked-amounts.ts';
import type { DeadLetters } from '../orders/dead-letters.ts';
import type { LiveOrders } from '../orders/live-orders.ts';
import type { ExecutionStore, Transfer, VenueAmounts } from '../ports.ts';
import { bookManualTrades } from './manual-trades.ts';
import type { MissedFills } from './missed-fills.ts';
import { requireValue } from './venue-silent-error.ts';

export interface BalanceCheckOptions {
  readonly store: Pick<
    ExecutionStore,
    | 'openLedger'
    | 'bookTransfers'
    | 'bookManualTrades'
    | 'readLedger'
    | 'driftingAssets'
    | 'recordVenueBalances'
    | 'heldSymbols'
  >;
  readonly venue: Pick<TradingVenue, 'balances'>;
  readonly symbols: readonly string[];
  readonly instrumentOf: (symbol: string) => Instrument | undefined;
  /** Last known price by symbol. */
  readonly marks: () => ReadonlyMap<string, Decimal>;
  readonly deadLetters: Pick<DeadLetters, 'open' | 'keep' | 'clear'>;
  readonly orders: Pick<LiveOrders, 'live'>;
  readonly missedFills: Pick<MissedFills, 'lost'>;
  readonly clock: Clock;
  readonly log: Logger;
}

interface UnreadAsset extends DriftProblem {
  readonly isCompared: boolean;
}

const NAMED = 3;
const NONE: VenueAmounts = { total: ZERO, free: ZERO };
const NO_READING: DriftWatch = { suspects: [], drifts: [], tolerated: [] };

/**
 * Compares the ledger with the venue's balances. The first comparison of a stack opens the ledger with the venue's
 * balances. Drifts are recorded, so that they outlive the process. When the venue does not return balances, nothing is
 * recorded and the recorded balances age.
 */
export class BalanceCheck {
  readonly #options: BalanceCheckOptions;
  #watch: DriftWatch = NO_READING;
  /** Assets that drifted before the first comparison, as long as they do; undefined until then. */
  #inherited: ReadonlySet<string> | undefined;
  #unread: readonly UnreadAsset[] = [];
  /** IDs of transfers that are not booked because their asset is unknown. */
  #waiting: ReadonlySet<string> = new Set();

  constructor(options: BalanceCheckOptions) {
    this.#options = options;
  }

  /** Transfers that are not booked because their asset is unknown. */
  get waitingTransfers(): number {
    return this.#waiting.size;
  }

  /** Assets that have drifted since the first comparison after the reset, and did not before. */
  get newDrifts(): readonly string[] {
    return this.#watch.drifts.map(({ asset }) => asset).filter((asset) => this.#inherited?.has(asset) === false);
  }

  get problems(): readonly DriftProblem[] {
    return this.#watch.drifts.map((drift) => ({ asset: drift.asset, problem: describeDrift(drift) }));
  }

  /** Compared assets whose balance at the venue cannot be read. */
  get unread(): readonly DriftProblem[] {
    return this.#unread.filter(({ isCompared }) => isCompared);
  }

  check(): CheckResult {
    const { problems } = this;
    if (problems.length === 0) return passed(this.#watch.tolerated, this.unread);
    const assets = problems.map(({ asset }) => asset).join(', ');
    const texts = problems.map(({ asset, problem }) => `${problem}${this.#uncountedText(asset)}`);
    return failed('LedgerDrift', `no buys with ${assets}: ${texts.join('; ')}`);
  }

  /** Names the fills that are set apart without the amounts that would explain the drift. */
  #uncountedText(asset: string): string {
    const fills = uncountedFills(this.#options.deadLetters.open, asset).map(({ id }) => `Fill ${id}`);
    if (fills.length === 0) return '';
    return ` (set apart, and not counted: ${fills.slice(0, NAMED).join(', ')})`;
  }

  /** Forgets the readings: the record has the drifts, and the next comparison begins with them. */
  reset(): void {
    this.#watch = NO_READING;
    this.#inherited = undefined;
    this.#waiting = new Set();
    this.#unread = [];
  }

  async compare(): Promise<void> {
    const { store, venue, orders, deadLetters, missedFills, clock, log } = this.#options;
    const atMs = clock.nowMs();
    const balances = requireValue(await venue.balances());
    const amounts = new Map([...balances].map(([asset, balance]) => [asset, amountsOf(balance)]));
    const held = new Map(
      [...amounts].flatMap(([asset, { total } = NONE]) => (total === ZERO ? [] : [[asset, total] as const])),
    );
    const [recorded, holding, known] = await Promise.all([
      store.driftingAssets(),
      store.heldSymbols(),
      store.readLedger(),
    ]);
    const before = new Set([...recorded, ...this.problems.map(({ asset }) => asset)]);
    const compared = this.#tolerances(before, holding);
    this.#noteUnread(balances, compared);
    const isUnread = (asset: string): boolean => amounts.has(asset) && amounts.get(asset) === undefined;
    const tolerances = new Map([...compared].filter(([asset]) => !isUnread(asset)));
    const assets = new Set([...balances.keys(), ...known.keys(), ...compared.keys()]);
    await this.#bookTransfers(assets);
    await bookManualTrades(this.#options, assets);
    // What is not booked yet is booked later: it is neither part of the opening, nor a drift.
    const unbooked = unbookedAmounts({ letters: deadLetters.open, lost: missedFills.lost });
    const unread = this.#unread.find(({ isCompared }) => isCompared);
    // It is opened once, with every balance: one that is missing would be a drift for good.
    if (unread !== undefined && known.size === 0) throw new Error(`the ledger is not opened: ${unread.problem}`);
    if (await store.openLedger(differenceOf(held, unbooked))) log.info({ assets: [...held.keys()] }, 'ledger opened');
    const ledger = sumOf(await store.readLedger(), unbooked);
    const reading = { venue: held, ledger, tolerances, movable: movableAmounts(orders.live()) };
    this.#watch = watchDrift({ suspects: this.#watch.suspects, drifting: before }, reading);
    const drifting = new Set(this.problems.map(({ asset }) => asset));
    this.#inherited = new Set(
      [...(this.#inherited ?? recorded)].filter((asset) => drifting.has(asset) || isUnread(asset)),
    );
    const added = this.problems.filter(({ asset }) => !before.has(asset));
    if (added.length > 0) log.error({ drifts: added }, 'ledger and venue balances differ, no buys with these assets');
    await store.recordVenueBalances(
      new Map([...amounts].filter(([asset]) => held.has(asset) || isUnread(asset))),
      atMs,
      this.problems.map(({ asset }) => asset),
    );
  }

  /** Only what is compared stops anything: an air-dropped coin is logged. */
  #noteUnread(balances: ReadonlyMap<string, VenueBalance | UnreadBalance>, compared: Tolerances): void {
    const before = new Set(this.#unread.map(({ asset }) => asset));
    this.#unread = [...balances].flatMap(([asset, balance]) => {
      if (balance.free !== undefined) return [];
      const problem = `${asset}: the balance at the venue cannot be read: ${balance.problem}`;
      return [{ asset, problem, isCompared: compared.has(asset) }];
    });
    const added = this.#unread.filter(({ asset }) => !before.has(asset));
    if (added.length > 0) this.#options.log.error({ assets: added }, 'balances of the venue cannot be read');
  }

  /**
   * Before the ledger is opened, so that the opening leaves out what people booked: the balances of the venue have it
   * already. In a known asset only, as a wrong name would change a balance that is never compared.
   */
  async #bookTransfers(assets: ReadonlySet<string>): Promise<void> {
    const { store, log } = this.#options;
    for (;;) {
      const { booked, waiting } = await store.bookTransfers(assets);
      for (const transfer of booked) log.info(lineOf(transfer), 'transfer booked');
      if (booked.length > 0) continue;
      const added = waiting.filter(({ id }) => !this.#waiting.has(id));
      for (const transfer of added) log.error(lineOf(transfer), 'transfer of an unknown asset is not booked');
      this.#waiting = new Set(waiting.map(({ id }) => id));
      return;
    }
  }

  /**
   * A position counts although its instrument is no longer configured: it must still be found at the venue. So does a
   * drift: only a reading without difference ends it.
   */
  #tolerances(drifting: ReadonlySet<string>, holding: ReadonlySet<string>): Tolerances {
    const { symbols, instrumentOf, marks } = this.#options;
    const others = [...drifting].map((asset) => [asset, ZERO] as const);
    return new Map([...others, ...tolerancesOf([...symbols, ...holding], { instrumentOf, marks: marks() })]);
  }
}

function amountsOf(balance: VenueBalance | UnreadBalance): VenueAmounts | undefined {
  return balance.free === undefined ? undefined : { total: add(balance.free, balance.locked), free: balance.free };
}

/** An asset that cannot be read degrades the stack. What is tolerated is only shown. */
function passed(tolerated: readonly Drift[], unread: readonly DriftProblem[]): CheckResult {
  const assets = unread.map(({ asset }) => asset).join(', ');
  if (unread.length > 0)
    return degraded('BalanceUnreadable', `no buys with ${assets}: ${unread.map(({ problem }) => problem).join('; ')}`);
  if (tolerated.length === 0) return OK;
  return { ...OK, message: `below the tolerance: ${tolerated.map(describeDrift).join('; ')}`.slice(0, 500) };
}

function lineOf({ amount, ...transfer }: Transfer): object {
  return { ...transfer, amount: formatDecimal(amount) };
}
