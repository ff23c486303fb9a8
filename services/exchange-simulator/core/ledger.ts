import { add, subtract, ZERO, type Decimal } from '../../shared/domain/decimal.ts';
import { assetsOf, notionalOf } from '../../shared/domain/instrument.ts';
import type { AccountEvent, Cancelled, Filled, OrderTerms, Placed } from './events.ts';

export interface Balance {
  readonly asset: string;
  readonly free: Decimal;
  readonly locked: Decimal;
}

export type VenueOrderStatus = 'NEW' | 'PARTIALLY_FILLED' | 'FILLED' | 'CANCELED' | 'PARTIALLY_CANCELED';

export interface VenueOrder extends OrderTerms {
  readonly orderId: string;
  readonly status: VenueOrderStatus;
  /** Base quantity filled; `executedQuote` is its notional. */
  readonly executed: Decimal;
  readonly executedQuote: Decimal;
  /** Part of the locked amount that is not spent yet; 0 once the order has ended. */
  readonly locked: Decimal;
  readonly lockedAsset: string;
  readonly time: number;
  readonly updateTime: number;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Default bound of ended orders, and of fills. One account with both takes 9 MB. A client that missed more fills learns
 * nothing of the older ones, as at the venue after a month.
 */
const KEPT = 10_000;

/**
 * Accounts with their orders and fills. The state is the sum of all AccountEvents so far and changes only through them,
 * so a replay of the journal produces the same state. Opening balances are set once. Fills spend the funds that an
 * order locks; the rest is released when the order ends. `house` is the counterparty of every fill, and `fees` are the
 * fees paid to the venue: per asset, accounts + house + fees changes by transfers only.
 * Bounds: the newest `keepOrders` ended orders and `keepFills` fills are kept, or up to a tenth fewer; older ones are
 * only in the journal.
 */
export class Ledger {
  readonly #balances = new Map<string, Map<string, Mutable<Balance>>>();
  readonly #orders = new Map<string, Mutable<VenueOrder>>();
  readonly #open = new Map<string, Mutable<VenueOrder>>();
  readonly #openCounts = new Map<string, number>();
  /** By account, then client order ID: the newest order. */
  readonly #byClientId = new Map<string, Map<string, Mutable<VenueOrder>>>();
  readonly #ended: string[] = [];
  readonly #fills: Filled[] = [];
  readonly #house = new Map<string, Decimal>();
  readonly #fees = new Map<string, Decimal>();
  readonly #keepOrders: number;
  readonly #keepFills: number;
  #placed = 0;
  #filled = 0;

  constructor(options: {
    readonly opening: Readonly<Record<string, Readonly<Record<string, Decimal>>>>;
    readonly keepOrders?: number;
    readonly keepFills?: number;
  }) {
    const { opening, keepOrders = KEPT, keepFills = KEPT } = options;
    this.#keepOrders = keepOrders;
    this.#keepFills = keepFills;
    for (const [account, assets] of Object.entries(opening)) {
      for (const [asset, amount] of Object.entries(assets)) this.#balance(account, asset).free = amount;
    }
  }

  /** Number of orders placed and fills made so far. New IDs continue from these counts. */
  get counts(): { readonly placed: number; readonly filled: number } {
    return { placed: this.#placed, filled: this.#filled };
  }

  evolve(event: AccountEvent): void {
    if (event.kind === 'placed') this.#onPlaced(event);
    else if (event.kind === 'fill') this.#onFill(event);
    else if (event.kind === 'cancelled') this.#onCancelled(event);
    else if (event.kind === 'transferred') this.#receive(event.account, event.asset, event.amount);
  }

  order(orderId: string): VenueOrder | undefined {
    return this.#orders.get(orderId);
  }

  /** Returns the newest order with this client order ID: the venue accepts an ID more than once. */
  orderByClientId(account: string, clientOrderId: string): VenueOrder | undefined {
    return this.#byClientId.get(account)?.get(clientOrderId);
  }

  /** Oldest first. */
  openOrders(account: string, symbol?: string): readonly VenueOrder[] {
    return [...this.#open.values()].filter((order) => belongs(order, account, symbol));
  }

  /** Kept orders, oldest first. */
  orders(account: string, symbol?: string): readonly VenueOrder[] {
    return [...this.#orders.values()].filter((order) => belongs(order, account, symbol));
  }

  /** Kept fills, oldest first. */
  fills(account: string, symbol?: string): readonly Filled[] {
    return this.#fills.filter((fill) => belongs(fill, account, symbol));
  }

  openCount(account: string): number {
    return this.#openCounts.get(account) ?? 0;
  }

  free(account: string, asset: string): Decimal {
    return this.#balances.get(account)?.get(asset)?.free ?? ZERO;
  }

  balance(account: string, asset: string): Balance {
    return this.#balances.get(account)?.get(asset) ?? { asset, free: ZERO, locked: ZERO };
  }

  balances(account: string): readonly Balance[] {
    return [...(this.#balances.get(account)?.values() ?? [])];
  }

  accounts(): readonly string[] {
    return [...this.#balances.keys()];
  }

  /**
   * Net holdings of the accounts' counterparty from trades, by asset; negative if it delivered more than it received.
   */
  house(): ReadonlyMap<string, Decimal> {
    return this.#house;
  }

  fees(): ReadonlyMap<string, Decimal> {
    return this.#fees;
  }

  #onPlaced(event: Placed): void {
    const order = orderOf(event);
    this.#placed += 1;
    this.#orders.set(order.orderId, order);
    this.#open.set(order.orderId, order);
    this.#openCounts.set(order.account, this.openCount(order.account) + 1);
    if (order.clientOrderId !== '') this.#clientIds(order.account).set(order.clientOrderId, order);
    this.#lock(order.account, order.lockedAsset, order.locked);
  }

  #onFill(event: Filled): void {
    const order = this.#openOrder(event.orderId);
    const { base, quote } = assetsOf(event.symbol);
    const notional = notionalOf(event.price, event.quantity);
    this.#filled += 1;
    const feeIn = (asset: string): Decimal => (event.feeAsset === asset ? event.fee : ZERO);
    if (event.side === 'buy') {
      this.#spend(order, add(notional, feeIn(quote)));
      this.#receive(event.account, base, subtract(event.quantity, feeIn(base)));
      this.#exchange(base, event.quantity, quote, notional);
    } else {
      this.#spend(order, event.quantity);
      this.#receive(event.account, quote, subtract(notional, feeIn(quote)));
      this.#receive(event.account, base, subtract(ZERO, feeIn(base)));
      this.#exchange(quote, notional, base, event.quantity);
    }
    if (event.feeAsset !== base && event.feeAsset !== quote)
      this.#receive(event.account, event.feeAsset, subtract(ZERO, event.fee));
    this.#fees.set(event.feeAsset, add(this.#fees.get(event.feeAsset) ?? ZERO, event.fee));
    order.executed = add(order.executed, event.quantity);
    order.executedQuote = add(order.executedQuote, notional);
    order.status = event.completes ? 'FILLED' : 'PARTIALLY_FILLED';
    order.updateTime = event.time;
    this.#fills.push(event);
    takeExcess(this.#fills, this.#keepFills);
    if (event.completes) this.#end(order);
  }

  #onCancelled(event: Cancelled): void {
    const order = this.#openOrder(event.orderId);
    order.status = order.executed === ZERO ? 'CANCELED' : 'PARTIALLY_CANCELED';
    order.updateTime = event.time;
    this.#end(order);
  }

  #openOrder(orderId: string): Mutable<VenueOrder> {
    const order = this.#open.get(orderId);
    if (order === undefined) throw new Error(`order ${orderId} is not open`);
    return order;
  }

  #end(order: Mutable<VenueOrder>): void {
    this.#lock(order.account, order.lockedAsset, (0n - order.locked) as Decimal);
    order.locked = ZERO;
    this.#open.delete(order.orderId);
    this.#openCounts.set(order.account, this.openCount(order.account) - 1);
    this.#ended.push(order.orderId);
    for (const orderId of takeExcess(this.#ended, this.#keepOrders)) this.#forget(orderId);
  }

  #forget(orderId: string): void {
    const order = this.#orders.get(orderId);
    this.#orders.delete(orderId);
    if (order === undefined) return;
    const ids = this.#clientIds(order.account);
    if (ids.get(order.clientOrderId) === order) ids.delete(order.clientOrderId);
  }

  #clientIds(account: string): Map<string, Mutable<VenueOrder>> {
    const known = this.#byClientId.get(account);
    if (known !== undefined) return known;
    const ids = new Map<string, Mutable<VenueOrder>>();
    this.#byClientId.set(account, ids);
    return ids;
  }

  #lock(account: string, asset: string, amount: Decimal): void {
    const balance = this.#balance(account, asset);
    balance.free = subtract(balance.free, amount);
    balance.locked = add(balance.locked, amount);
  }

  #spend(order: Mutable<VenueOrder>, amount: Decimal): void {
    const balance = this.#balance(order.account, order.lockedAsset);
    order.locked = subtract(order.locked, amount);
    balance.locked = subtract(balance.locked, amount);
    if (order.locked < ZERO) throw new Error(`order ${order.orderId} spends more than it locked`);
  }

  #receive(account: string, asset: string, amount: Decimal): void {
    const balance = this.#balance(account, asset);
    balance.free = add(balance.free, amount);
  }

  /** The house delivers `given` and receives `taken`. */
  #exchange(givenAsset: string, given: Decimal, takenAsset: string, taken: Decimal): void {
    this.#house.set(givenAsset, subtract(this.#house.get(givenAsset) ?? ZERO, given));
    this.#house.set(takenAsset, add(this.#house.get(takenAsset) ?? ZERO, taken));
  }

  #balance(account: string, asset: string): Mutable<Balance> {
    const assets = this.#balances.get(account) ?? new Map<string, Mutable<Balance>>();
    this.#balances.set(account, assets);
    const balance = assets.get(asset) ?? { asset, free: ZERO, locked: ZERO };
    assets.set(asset, balance);
    return balance;
  }
}

function belongs(of: { readonly account: string; readonly symbol: string }, account: string, symbol?: string): boolean {
  return of.account === account && (symbol === undefined || of.symbol === symbol);
}

/** Removes the oldest elements of a list that is longer than `keep`, a tenth at a time, and returns them. */
function takeExcess<T>(list: T[], keep: number): readonly T[] {
  return list.length <= keep ? [] : list.splice(0, Math.ceil(list.length / 10));
}

/** Members are listed explicitly: this runs for every order, and a rest-spread copy without two members is slow. */
function orderOf(event: Placed): Mutable<VenueOrder> {
  return {
    orderId: event.orderId,
    account: event.account,
    clientOrderId: event.clientOrderId,
    symbol: event.symbol,
    side: event.side,
    type: event.type,
    price: event.price,
    quantity: event.quantity,
    quoteQuantity: event.quoteQuantity,
    status: 'NEW',
    executed: ZERO,
    executedQuote: ZERO,
    locked: event.locked,
    lockedAsset: event.lockedAsset,
    time: event.time,
    updateTime: event.time,
  };
}
