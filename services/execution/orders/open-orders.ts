import { isUnread, type ListedOrder } from '../../shared/domain/orders/unread-row.ts';
import type { Side } from '../../shared/domain/side.ts';
import type { VenueReply } from '../../shared/domain/orders/venue-reply.ts';
import type { TradingVenue } from '../../shared/venue/trading-venue.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { createParallelQueue } from '../../shared/runtime/parallel-queue.ts';
import { ownerOf, type OwnOrders } from '../core/reconcile/listed-owner.ts';

export interface OpenOrdersOptions {
  readonly venue: Pick<TradingVenue, 'openOrders'>;
  readonly symbols: readonly string[];
  /** First characters of every client order ID of this stack. */
  readonly tag: string;
  /** Returns our ID of our order that has not ended, by the venue's. */
  readonly liveIdOf: (symbol: string, venueOrderId: string) => string | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

/** An open order of the stack. */
export interface OwnOpenOrder {
  readonly clientOrderId: string;
  readonly symbol: string;
  /** Undefined when it cannot be read. */
  readonly side: Side | undefined;
}

/** What the venue listed for one instrument. Monotonic milliseconds at which it was asked. */
interface Listing {
  readonly orders: readonly OwnOpenOrder[];
  /** Whether each listed order names its owner. One that does not may be ours. */
  readonly identified: boolean;
  readonly askedAtMs: number;
}

/**
 * How a process knows that no other one sends. Commanded: it was given the halt, and the record may not have it.
 * Recorded: once the record has the halt, no intent is committed. Granted: it has the fence.
 */
export type HaltBasis = 'Commanded' | 'Recorded' | 'Granted';

const OPEN_EVERY_MS = 1_000;
/** Orders that were accepted a moment ago may be listed late, and another process may send: an empty list ages too. */
const EMPTY_EVERY_MS = 5_000;
/** Queries in flight at the same time. */
const WIDTH = 5;

/**
 * Orders of the stack that the venue lists as open, whether this process knows them or not. It needs no database. Every
 * answer to a list counts, whoever asked for it; `askDue` asks for those that are due.
 */
export class OpenOrders {
  readonly #options: OpenOrdersOptions;
  readonly #inParallel = createParallelQueue(WIDTH);
  readonly #listings = new Map<string, Listing>();
  readonly #asking = new Set<string>();
  /** Monotonic milliseconds of the last query of `askDue`, answered or not. */
  readonly #askedMs = new Map<string, number>();
  /**
   * Monotonic milliseconds: lists of earlier queries do not count. During a halt, that is when the last order had been
   * sent, and infinity until then, because an order may arrive after the venue has made its list.
   */
  #countsFromMs = Number.NEGATIVE_INFINITY;
  /** Undefined while nothing is halted. */
  #basis: HaltBasis | undefined;
  #confirmingSinceMs = 0;

  constructor(options: OpenOrdersOptions) {
    this.#options = options;
  }

  listed(): readonly OwnOpenOrder[] {
    return [...this.#listings.values()].flatMap(({ orders }) => orders);
  }

  /**
   * The age is that of the oldest list. Null until every instrument has one that counts, and names the owner of each
   * order.
   */
  status(): { readonly count: number; readonly ageMs: number } | null {
    const { symbols, clock } = this.#options;
    const listings = symbols.flatMap((symbol) => this.#listings.get(symbol) ?? []);
    if (listings.some(({ identified }) => !identified)) return null;
    const oldestMs = Math.min(...listings.map(({ askedAtMs }) => askedAtMs));
    if (listings.length < symbols.length || oldestMs < this.#countsFromMs) return null;
    return { count: this.listed().length, ageMs: clock.monotonicMs() - oldestMs };
  }

  /** The port of the venue, with its lists recorded here. */
  readonly list: TradingVenue['openOrders'] = async (symbol) => {
    const { venue, tag, liveIdOf, clock } = this.#options;
    const askedAtMs = clock.monotonicMs();
    const reply = await venue.openOrders(symbol);
    const known = this.#listings.get(symbol);
    if (known !== undefined && known.askedAtMs > askedAtMs) return reply;
    const open = openIn(reply);
    const own: OwnOrders = { tag, liveIdOf: (venueOrderId) => liveIdOf(symbol, venueOrderId) };
    if (open !== undefined) this.#listings.set(symbol, { ...ownIn(symbol, open, own), askedAtMs });
    return reply;
  };

  /** Starts the queries that are due: each second while orders are open or the venue does not answer, then slower. */
  askDue(): void {
    for (const symbol of this.#options.symbols) if (this.#isDue(symbol)) void this.#ask(symbol);
  }

  /**
   * From the first call on, only lists count that the venue makes after no order is on its way any more. `settled` says
   * whether that is so, given the monotonic time of the first call with the same basis. With another basis all starts
   * again: orders may have been sent until then.
   */
  confirm(basis: HaltBasis, settled: (sinceMs: number) => boolean): void {
    const nowMs = this.#options.clock.monotonicMs();
    if (this.#basis !== basis) {
      this.#basis = basis;
      this.#confirmingSinceMs = nowMs;
      this.#restart(Number.POSITIVE_INFINITY);
    }
    if (this.#countsFromMs === Number.POSITIVE_INFINITY && settled(this.#confirmingSinceMs)) this.#restart(nowMs);
  }

  /** Lets every list count: nothing is halted. */
  countAll(): void {
    this.#basis = undefined;
    this.#countsFromMs = Number.NEGATIVE_INFINITY;
  }

  /** Makes every instrument due. */
  expire(): void {
    this.#askedMs.clear();
  }

  #restart(countsFromMs: number): void {
    this.#countsFromMs = countsFromMs;
    this.expire();
  }

  #isDue(symbol: string): boolean {
    if (this.#asking.has(symbol)) return false;
    const askedMs = this.#askedMs.get(symbol);
    if (askedMs === undefined) return true;
    const listing = this.#listings.get(symbol);
    const empty = listing?.identified === true && listing.askedAtMs >= askedMs && listing.orders.length === 0;
    return this.#options.clock.monotonicMs() - askedMs >= (empty ? EMPTY_EVERY_MS : OPEN_EVERY_MS);
  }

  async #ask(symbol: string): Promise<void> {
    const { clock, log } = this.#options;
    this.#asking.add(symbol);
    await this.#inParallel(async () => {
      this.#askedMs.set(symbol, clock.monotonicMs());
      const reply = await this.list(symbol);
      this.#asking.delete(symbol);
      if (reply.kind !== 'ok') log.warn({ symbol, reply }, 'venue did not list its open orders');
    });
  }
}

/**
 * Returns what the venue says is open; undefined when it does not say. A pair that it no longer has, has no open
 * orders: one that was delisted must not keep the halt of the others from being confirmed.
 */
function openIn(reply: VenueReply<readonly ListedOrder[]>): readonly ListedOrder[] | undefined {
  if (reply.kind === 'ok') return reply.value;
  return reply.kind === 'rejected' && reply.pair === 'Unlisted' ? [] : undefined;
}

function ownIn(symbol: string, open: readonly ListedOrder[], own: OwnOrders): Pick<Listing, 'orders' | 'identified'> {
  const owned = open.map((order) => ({ order, owner: ownerOf(order, own) }));
  const orders = owned.flatMap(({ order, owner }) => {
    if (owner.kind !== 'Ours') return [];
    const { clientOrderId } = owner;
    return [isUnread(order) ? { symbol, side: undefined, ...order.known, clientOrderId } : { ...order, clientOrderId }];
  });
  return { orders, identified: owned.every(({ owner }) => owner.kind !== 'Unknown') };
}
