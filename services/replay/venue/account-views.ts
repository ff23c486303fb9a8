import type { Filled } from '../../exchange-simulator/core/events.ts';
import type { Ledger, VenueOrder } from '../../exchange-simulator/core/ledger.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import type { VenueBalance } from '../../shared/venue/trading-venue.ts';
import type { VenueFaults } from '../core/venue-faults.ts';

/** Account of the stack at the venue. */
export const ACCOUNT = 'paper';

type Balances = ReadonlyMap<string, VenueBalance>;

/** No answer is older. Milliseconds. */
const OLDEST_MS = 5_000;

/** What the venue shows of the account. Orders, fills and balances may be shown late. */
export class AccountViews {
  readonly #ledger: Ledger;
  readonly #faults: Pick<VenueFaults, 'fillLateMs' | 'balanceLateMs'>;
  readonly #clock: Pick<Clock, 'nowMs'>;
  /** By venue order ID and by trade ID: time before which answers omit it. */
  readonly #orderFromMs = new Map<string, number>();
  readonly #fillFromMs = new Map<string, number>();
  /** By symbol, oldest first: the time of the venue never steps back. */
  readonly #fills = new Map<string, Filled[]>();
  #balances: readonly { readonly atMs: number; readonly balances: Balances }[] = [];

  constructor(ledger: Ledger, faults: Pick<VenueFaults, 'fillLateMs' | 'balanceLateMs'>, clock: Pick<Clock, 'nowMs'>) {
    this.#ledger = ledger;
    this.#faults = faults;
    this.#clock = clock;
    this.onChanged();
  }

  /** Call it after every change of the account. */
  onChanged(): void {
    const atMs = this.#clock.nowMs();
    const held = this.#ledger.balances(ACCOUNT).map(({ asset, free, locked }) => [asset, { free, locked }] as const);
    const recent = this.#balances.filter((one, index) => (this.#balances[index + 1] ?? one).atMs > atMs - OLDEST_MS);
    this.#balances = [...recent, { atMs, balances: new Map(held) }];
  }

  /** Omits an order from every answer for a time. */
  hide(venueOrderId: string, ms: number): void {
    this.#orderFromMs.set(venueOrderId, this.#clock.nowMs() + ms);
  }

  onFill(fill: Filled): void {
    const { account, symbol, tradeId } = fill;
    if (account !== ACCOUNT) return;
    const fills = this.#fills.get(symbol) ?? [];
    fills.push(fill);
    this.#fills.set(symbol, fills);
    const lateMs = this.#faults.fillLateMs();
    if (lateMs > 0) this.#fillFromMs.set(tradeId, this.#clock.nowMs() + lateMs);
  }

  order(clientOrderId: string): VenueOrder | undefined {
    const order = this.#ledger.orderByClientId(ACCOUNT, clientOrderId);
    return order !== undefined && this.#shows(order) ? order : undefined;
  }

  openOrders(symbol: string): readonly VenueOrder[] {
    return this.#ledger.openOrders(ACCOUNT, symbol).filter((order) => this.#shows(order));
  }

  fills(symbol: string, sinceMs: number): readonly Filled[] {
    const nowMs = this.#clock.nowMs();
    const fills = this.#fills.get(symbol) ?? [];
    const older = fills.findLastIndex(({ time }) => time < sinceMs);
    return fills.slice(older + 1).filter(({ tradeId }) => (this.#fillFromMs.get(tradeId) ?? 0) <= nowMs);
  }

  balances(): Balances {
    const asOfMs = this.#clock.nowMs() - this.#faults.balanceLateMs();
    const shown = this.#balances.findLast(({ atMs }) => atMs <= asOfMs) ?? this.#balances[0];
    return shown?.balances ?? new Map();
  }

  #shows({ orderId }: VenueOrder): boolean {
    return (this.#orderFromMs.get(orderId) ?? 0) <= this.#clock.nowMs();
  }
}
