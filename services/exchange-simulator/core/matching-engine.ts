import { add, ZERO, type Decimal } from '../../shared/domain/decimal.ts';
import {
  fromLots,
  fromTicks,
  toLots,
  toTicks,
  type Instrument,
  type Lots,
  type Ticks,
} from '../../shared/domain/instrument.ts';
import type { Side } from '../../shared/domain/side.ts';
import {
  isAccountEvent,
  type AccountEvent,
  type CancelOrder,
  type Command,
  type ExchangeEvent,
  type OrderTerms,
  type PlaceOrder,
  type Rejected,
  type Transferred,
} from './events.ts';
import { quoteFee, type FeeRule } from './fee.ts';
import { Ledger, type VenueOrder } from './ledger.ts';
import { planMatch, type Match, type MatchPlan } from './matching.ts';
import { checkOrder } from './order-check.ts';
import { fundsFor, planOrder, printsOf } from './order-plan.ts';
import { OrderBook, type RestingOrder } from './order-book.ts';
import {
  BAD_SYMBOL,
  EMPTY_BOOK,
  NO_BASE_FUNDS,
  NO_QUOTE_FUNDS,
  TOO_MANY_ORDERS,
  UNKNOWN_ORDER,
  type VenueRefusal,
} from './venue-refusal.ts';

export interface MatchingEngineOptions {
  readonly instruments: readonly Instrument[];
  /** Opening balances: account, asset, amount. */
  readonly opening: Readonly<Record<string, Readonly<Record<string, Decimal>>>>;
  /** Digits that every ID of this venue starts with; they distinguish the IDs of different venues. */
  readonly idPrefix: string;
  /** First version of the books; must be above every earlier version that clients may still hold. */
  readonly firstVersion?: number;
  readonly maxOpenOrders?: number;
  /** Default: in quote, as MEXC charges. */
  readonly feeRule?: FeeRule;
}

/** Owner of the venue's own liquidity. It has no account, and its orders have no IDs. */
export const HOUSE = '';

interface Listing {
  readonly instrument: Instrument;
  readonly book: OrderBook;
  /** Resting orders of accounts, by ID. */
  readonly resting: Map<string, RestingOrder>;
  lastPrice: Decimal | undefined;
}

/** The taker of a match: an account with its order, or the house. */
type Taker = { readonly side: Side; readonly order: (OrderTerms & { readonly orderId: string }) | undefined };

/**
 * Matching engine of a spot exchange: price-time matching of exact integers, accounts with locked funds, fees in quote.
 * Deterministic: the same options and the same calls produce the same events. It has no clock: every call gets the time
 * (UTC ms), which the events carry. Fees are charged in quote on both sides (MEXC API document, "Account trade list": a
 * buy of 0.0002 BTC at 41995.51 shows a commission of 0.016798204 USDT; "Spot account deals" shows the same) and
 * rounded down to 10^-18. A buy therefore locks price x quantity plus the higher of the two fees on it.
 */
export class MatchingEngine {
  readonly ledger: Ledger;
  readonly #listings: ReadonlyMap<string, Listing>;
  readonly #idPrefix: string;
  readonly #maxOpenOrders: number;
  readonly #feeRule: FeeRule;

  /** MEXC allows 500 open orders per account. */
  constructor({ instruments, opening, idPrefix, firstVersion = 0, ...options }: MatchingEngineOptions) {
    this.ledger = new Ledger({ opening });
    this.#idPrefix = idPrefix;
    this.#maxOpenOrders = options.maxOpenOrders ?? 500;
    this.#feeRule = options.feeRule ?? quoteFee;
    this.#listings = new Map(
      instruments.map((instrument) => [
        instrument.symbol,
        { instrument, book: new OrderBook(firstVersion), resting: new Map(), lastPrice: undefined },
      ]),
    );
  }

  get symbols(): readonly string[] {
    return [...this.#listings.keys()];
  }

  instrument(symbol: string): Instrument | undefined {
    return this.#listings.get(symbol)?.instrument;
  }

  /** Throws on a symbol that is not listed. */
  book(symbol: string): OrderBook {
    return this.#listing(symbol).book;
  }

  lastPrice(symbol: string): Decimal | undefined {
    return this.#listings.get(symbol)?.lastPrice;
  }

  /** Executes a command, or refuses it with a `rejected` or `cancelRejected` event. */
  apply(command: Command, nowMs: number): readonly ExchangeEvent[] {
    const events: ExchangeEvent[] = [];
    if (command.kind === 'place') this.#place(command, nowMs, events);
    else this.#cancel(command, nowMs, events);
    return events;
  }

  /** Returns why `apply` would refuse the order, or undefined if it would accept it. Does not change state. */
  refusalOf(command: PlaceOrder): VenueRefusal | undefined {
    const decision = this.#decide(command);
    return 'refusal' in decision ? decision.refusal : undefined;
  }

  /** Moves money into or out of an account. Returns undefined if the account has less free than it would lose. */
  transfer(account: string, { asset, amount }: Transfer, nowMs: number): Transferred | undefined {
    if (add(this.ledger.free(account, asset), amount) < ZERO) return undefined;
    const event: Transferred = { kind: 'transferred', account, asset, amount, time: nowMs };
    this.ledger.evolve(event);
    return event;
  }

  /** Replays one event of an earlier run of this venue. Call `resume` after the last one. */
  restore(event: AccountEvent): void {
    this.ledger.evolve(event);
    if (event.kind === 'fill') this.#listing(event.symbol).lastPrice = event.price;
  }

  /** Puts the accounts' open orders back into the books, in the order they were placed. */
  resume(): void {
    for (const account of this.ledger.accounts()) {
      for (const order of this.ledger.openOrders(account)) {
        const listing = this.#listing(order.symbol);
        const remaining = (order.quantity - order.executed) as Decimal;
        this.#rest(listing, order, toLots(remaining, listing.instrument));
      }
    }
  }

  /**
   * Adds an order of the house. The crossing quantity trades, the remainder rests. Returns the resting order, or
   * undefined if there is no remainder.
   */
  quote(symbol: string, terms: HouseOrder, nowMs: number, events: ExchangeEvent[]): RestingOrder | undefined {
    const listing = this.#listing(symbol);
    const plan = planMatch(listing.book, { side: terms.side, limit: terms.price, quantity: terms.quantity });
    this.#execute(listing, { side: terms.side, order: undefined }, plan, { nowMs, events });
    if (plan.unmatched === 0) return undefined;
    const resting = restingOrder(HOUSE, '', terms, plan.unmatched as Lots);
    listing.book.add(resting);
    return resting;
  }

  /** Executes a taker order of the house at a price or better; the unfilled part is dropped. */
  take(symbol: string, terms: HouseOrder, nowMs: number, events: ExchangeEvent[]): void {
    const listing = this.#listing(symbol);
    const plan = planMatch(listing.book, { side: terms.side, limit: terms.price, quantity: terms.quantity });
    this.#execute(listing, { side: terms.side, order: undefined }, plan, { nowMs, events });
  }

  #place(command: PlaceOrder, nowMs: number, events: ExchangeEvent[]): void {
    const decision = this.#decide(command);
    const { request } = command;
    if ('refusal' in decision) {
      events.push(rejectedOrder(command, decision.refusal, nowMs));
      return;
    }
    const terms = termsOf(command);
    const { listing, plan, lockedAsset, locked } = decision;
    const orderId = `C02__${this.#idPrefix}${digits(this.ledger.counts.placed + 1)}`;
    this.#emit({ kind: 'placed', ...terms, orderId, lockedAsset, locked, request, time: nowMs }, events);
    const order = { ...terms, orderId };
    if (mayTrade(command, plan)) this.#execute(listing, { side: command.side, order }, plan, { nowMs, events });
    else this.#dropRemainder(order, nowMs, events);
    if (!mayTrade(command, plan) || plan.unmatched === 0) return;
    if (rests(command)) this.#rest(listing, order, plan.unmatched as Lots);
    else this.#dropRemainder(order, nowMs, events);
  }

  #dropRemainder(order: OrderTerms & { readonly orderId: string }, nowMs: number, events: ExchangeEvent[]): void {
    const { orderId, clientOrderId, account, symbol } = order;
    this.#emit({ kind: 'cancelled', orderId, clientOrderId, account, symbol, cause: 'remainder', time: nowMs }, events);
  }

  /** Makes every decision before any state changes. */
  #decide(command: PlaceOrder): PlaceDecision {
    const listing = this.#listings.get(command.symbol);
    if (listing === undefined) return { refusal: BAD_SYMBOL };
    const checked = checkOrder(command, listing.instrument, listing.lastPrice);
    if (!checked.ok) return { refusal: checked.refusal };
    const plan = planOrder(listing.book, listing.instrument, command.side, checked.order);
    if (checked.order.kind !== 'limit' && plan.matches.length === 0) return { refusal: EMPTY_BOOK };
    if (this.ledger.openCount(command.account) >= this.#maxOpenOrders) return { refusal: TOO_MANY_ORDERS };
    const { asset, amount } = fundsFor(listing.instrument, command.side, checked.order, plan);
    if (this.ledger.free(command.account, asset) < amount)
      return { refusal: command.side === 'buy' ? NO_QUOTE_FUNDS : NO_BASE_FUNDS };
    return { listing, plan, lockedAsset: asset, locked: amount };
  }

  #cancel({ account, symbol, orderId }: CancelOrder, nowMs: number, events: ExchangeEvent[]): void {
    const listing = this.#listings.get(symbol);
    const resting = listing?.resting.get(orderId);
    if (listing === undefined || resting === undefined || resting.owner !== account) {
      const { code, message } = UNKNOWN_ORDER;
      events.push({ kind: 'cancelRejected', account, orderId, code, message, time: nowMs });
      return;
    }
    listing.book.remove(resting);
    listing.resting.delete(orderId);
    const clientOrderId = this.#order(orderId).clientOrderId;
    this.#emit({ kind: 'cancelled', orderId, clientOrderId, account, symbol, cause: 'request', time: nowMs }, events);
  }

  #rest(listing: Listing, order: OrderTerms & { readonly orderId: string }, quantity: Lots): void {
    const price = toTicks(order.price, listing.instrument);
    const resting = restingOrder(order.account, order.orderId, { side: order.side, price }, quantity);
    listing.resting.set(order.orderId, resting);
    listing.book.add(resting);
  }

  #execute(listing: Listing, taker: Taker, plan: MatchPlan, { nowMs, events }: Moment): void {
    const { symbol } = listing.instrument;
    for (const print of printsOf(plan.matches, listing.instrument)) {
      events.push({ kind: 'trade', symbol, ...print, takerSide: taker.side, time: nowMs });
      listing.lastPrice = print.price;
    }
    plan.matches.forEach((match, index) => {
      const last = plan.unmatched === 0 && index === plan.matches.length - 1;
      this.#settle(listing, taker, { match, last }, { nowMs, events });
    });
  }

  /** Settles one match: reduces the resting order, and emits a fill for each side that belongs to an account. */
  #settle(listing: Listing, taker: Taker, { match, last }: Settlement, { nowMs, events }: Moment): void {
    const { instrument } = listing;
    const { resting, quantity } = match;
    const completes = resting.remaining === quantity;
    listing.book.reduce(resting, quantity);
    if (taker.order === undefined && resting.owner === HOUSE) return;
    const part = {
      symbol: instrument.symbol,
      price: fromTicks(resting.price, instrument),
      quantity: fromLots(quantity, instrument),
      selfTrade: taker.order?.account === resting.owner,
      time: nowMs,
    };
    if (taker.order !== undefined)
      this.#fill({ ...part, maker: false, completes: last }, taker.order, instrument.takerFee, events);
    if (resting.owner === HOUSE) return;
    if (completes) listing.resting.delete(resting.orderId);
    this.#fill({ ...part, maker: true, completes }, this.#order(resting.orderId), instrument.makerFee, events);
  }

  #fill(
    part: FillPart,
    order: OrderTerms & { readonly orderId: string },
    rate: Decimal,
    events: ExchangeEvent[],
  ): void {
    const { orderId, clientOrderId, account, side } = order;
    const tradeId = `${this.#idPrefix}${digits(this.ledger.counts.filled + 1)}X1`;
    const { price, quantity } = part;
    const { instrument } = this.#listing(part.symbol);
    const fee = this.#feeRule({ account, side, instrument, price, quantity, rate });
    this.#emit({ kind: 'fill', ...part, tradeId, orderId, clientOrderId, account, side, ...fee }, events);
  }

  #emit(event: ExchangeEvent, events: ExchangeEvent[]): void {
    if (isAccountEvent(event)) this.ledger.evolve(event);
    events.push(event);
  }

  #order(orderId: string): VenueOrder {
    const order = this.ledger.order(orderId);
    if (order === undefined) throw new Error(`order ${orderId} rests in the book but is missing in the ledger`);
    return order;
  }

  #listing(symbol: string): Listing {
    const listing = this.#listings.get(symbol);
    if (listing === undefined) throw new Error(`${symbol} is not listed`);
    return listing;
  }
}

/** A positive amount is a deposit, a negative one a withdrawal. */
export interface Transfer {
  readonly asset: string;
  readonly amount: Decimal;
}

/** Order of the house. */
export interface HouseOrder {
  readonly side: Side;
  readonly price: Ticks;
  readonly quantity: Lots;
}

interface Moment {
  readonly nowMs: number;
  readonly events: ExchangeEvent[];
}

interface Settlement {
  readonly match: Match;
  /** Whether the taker's order ends with this match. */
  readonly last: boolean;
}

interface FillPart {
  readonly symbol: string;
  readonly price: Decimal;
  readonly quantity: Decimal;
  readonly maker: boolean;
  readonly selfTrade: boolean;
  readonly completes: boolean;
  readonly time: number;
}

type PlaceDecision =
  | { readonly refusal: VenueRefusal }
  | { readonly listing: Listing; readonly plan: MatchPlan; readonly lockedAsset: string; readonly locked: Decimal };

/** Returns the event of an order that the venue refuses. */
export function rejectedOrder(command: PlaceOrder, { code, message }: VenueRefusal, nowMs: number): Rejected {
  return { kind: 'rejected', ...termsOf(command), code, message, request: command.request, time: nowMs };
}

function termsOf(command: PlaceOrder): OrderTerms {
  return {
    account: command.account,
    clientOrderId: command.clientOrderId ?? '',
    symbol: command.symbol,
    side: command.side,
    type: command.type,
    price: command.price ?? ZERO,
    quantity: command.quantity ?? ZERO,
    quoteQuantity: command.quoteQuantity ?? ZERO,
  };
}

/**
 * LIMIT_MAKER must not take, and FILL_OR_KILL takes all or nothing. An order that violates its rule is accepted and
 * immediately cancelled.
 */
function mayTrade({ type }: PlaceOrder, plan: MatchPlan): boolean {
  if (type === 'LIMIT_MAKER') return plan.matches.length === 0;
  if (type === 'FILL_OR_KILL') return plan.unmatched === 0;
  return true;
}

function rests({ type }: PlaceOrder): boolean {
  return type === 'LIMIT' || type === 'LIMIT_MAKER';
}

function restingOrder(
  owner: string,
  orderId: string,
  { side, price }: { readonly side: Side; readonly price: Ticks },
  remaining: Lots,
): RestingOrder {
  return { owner, orderId, side, price, remaining, level: undefined, ahead: undefined, behind: undefined };
}

function digits(count: number): string {
  return String(count).padStart(9, '0');
}
