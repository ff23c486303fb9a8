import type { MarketDataVenue, Stream, VenueConnection, VenueFrame } from '../shared/venue/market-data-venue.ts';
import type { Clock } from '../shared/runtime/clock.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import { backoffMs } from '../shared/runtime/retry.ts';
import { decideConnection, type ConnectionView } from './core/connection-rules.ts';
import { planConnections, streamsOf } from './core/stream-plan.ts';
import type { WsMetrics } from './metrics.ts';

/** How long two connections overlap before the older one is closed. */
const OVERLAP_MS = 2_000;
/**
 * A replacement that carries no data for this long is no better than the connection it should replace, and is closed.
 */
const REPLACEMENT_PATIENCE_MS = 30_000;
const RECONNECT = { minMs: 500, maxMs: 30_000 };

export interface ConnectionPoolOptions {
  readonly venue: MarketDataVenue;
  /** Connection numbers increase in the order in which connections were started. */
  readonly onFrame: (frame: VenueFrame, connection: number) => void;
  /** A connection has subscribed to the symbol. `isGap`: no other one carried it meanwhile. */
  readonly onSubscribed: (symbol: string, isGap: boolean) => void;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: WsMetrics;
}

export interface ConnectionStatus {
  readonly wanted: number;
  readonly open: number;
  /** Why the last connection ended; empty before the first one ended. */
  readonly problem: string;
}

/** A connection and its state as the connection rules see it. */
interface Link extends ConnectionView {
  readonly id: number;
  readonly connection: VenueConnection;
  phase: 'connecting' | 'open';
  sinceMs: number;
  lastInboundMs: number;
  lastPingMs: number;
  /** Whether it has carried data, not only control frames. */
  carried: boolean;
}

/** The connection for a set of symbols. While `next` takes over there are two. */
interface Slot {
  symbols: readonly string[];
  current: Link | undefined;
  next: Link | undefined;
  failures: number;
  retryAtMs: number;
}

/**
 * Maintains the connections to the venue: opens them with backoff, pings them, drops dead ones, and replaces a
 * connection that nears its maximum age while it still runs. All of this happens in `runPass`, so a virtual clock can
 * drive it too.
 */
export class ConnectionPool {
  readonly #options: ConnectionPoolOptions;
  #slots: readonly Slot[] = [];
  #ids = 0;
  #problem = '';

  constructor(options: ConnectionPoolOptions) {
    this.#options = options;
  }

  /**
   * Subscribes to symbols, besides those that are subscribed already. No connection is closed for it. A symbol stays
   * subscribed for good: its channels go silent when the venue drops it.
   */
  addSymbols(symbols: readonly string[]): void {
    const { streamsPerConnection } = this.#options.venue.limits;
    const planned = this.#slots.map((slot) => slot.symbols);
    const plan = planConnections(planned, symbols, streamsPerConnection);
    for (const [index, slot] of this.#slots.entries()) {
      const added = (plan[index] ?? []).slice(slot.symbols.length);
      slot.symbols = plan[index] ?? [];
      for (const link of [slot.current, slot.next]) if (link?.phase === 'open') this.#subscribe(link, added, true);
    }
    this.#slots = [...this.#slots, ...plan.slice(this.#slots.length).map(slotOf)];
  }

  runPass(): void {
    for (const slot of this.#slots) {
      if (slot.current === undefined && this.#mayConnect(slot)) slot.current = this.#connect(slot);
      for (const link of [slot.current, slot.next]) if (link !== undefined) this.#maintain(slot, link);
      this.#takeOver(slot);
    }
  }

  /** Resubscribes one channel, on the newest connection that carries it. */
  resubscribe(stream: Stream): void {
    const slot = this.#slotOf(stream.symbol);
    const link = slot?.next ?? slot?.current;
    if (link?.phase !== 'open') return;
    link.connection.unsubscribe([stream]);
    link.connection.subscribe([stream]);
  }

  /** Starts a replacement connection for this channel and all channels that share its connection. */
  replace(stream: Stream): void {
    const slot = this.#slotOf(stream.symbol);
    if (slot?.current !== undefined && slot.next === undefined && this.#mayConnect(slot)) {
      slot.next = this.#connect(slot);
    }
  }

  status(): ConnectionStatus {
    return { wanted: this.#slots.length, open: this.#slots.filter(isOpen).length, problem: this.#problem };
  }

  /** Whether an open connection carries the symbol. One that does not answer pings is dropped. */
  isOpen(symbol: string): boolean {
    const slot = this.#slotOf(symbol);
    return slot !== undefined && isOpen(slot);
  }

  close(): void {
    const links = this.#slots.flatMap(({ current, next }) => [current, next]);
    this.#slots = [];
    for (const link of links) link?.connection.close();
  }

  #slotOf(symbol: string): Slot | undefined {
    return this.#slots.find(({ symbols }) => symbols.includes(symbol));
  }

  /** One request per symbol, so that the venue's refusal of one leaves the others. */
  #subscribe(link: Link, symbols: readonly string[], isGap: boolean): void {
    for (const symbol of symbols) {
      link.connection.subscribe(streamsOf(symbol));
      this.#options.onSubscribed(symbol, isGap);
    }
  }

  #mayConnect(slot: Slot): boolean {
    return this.#options.clock.monotonicMs() >= slot.retryAtMs;
  }

  #connect(slot: Slot): Link {
    const { clock, venue } = this.#options;
    this.#ids += 1;
    const nowMs = clock.monotonicMs();
    const times = { sinceMs: nowMs, lastInboundMs: nowMs, lastPingMs: nowMs };
    const link: Link = {
      id: this.#ids,
      phase: 'connecting',
      carried: false,
      ...times,
      // No callback runs before this call returns: a socket opens or fails in a later turn of the event loop.
      connection: venue.connect({
        onOpen: () => this.#opened(slot, link),
        onFrame: (frame) => this.#received(slot, link, frame),
        onClosed: (reason) => this.#closed(slot, link, reason),
      }),
    };
    return link;
  }

  #opened(slot: Slot, link: Link): void {
    const nowMs = this.#options.clock.monotonicMs();
    const isGap = !isOpen(slot);
    Object.assign(link, { phase: 'open', sinceMs: nowMs, lastInboundMs: nowMs, lastPingMs: nowMs });
    this.#subscribe(link, slot.symbols, isGap);
    this.#options.log.info({ connection: link.id, symbols: slot.symbols.length }, 'connected to the venue');
  }

  #received(slot: Slot, link: Link, frame: VenueFrame): void {
    link.lastInboundMs = this.#options.clock.monotonicMs();
    if (!isCurrent(slot, link)) return;
    if (frame.kind === 'Depth' || frame.kind === 'Trades') {
      link.carried = true;
      slot.failures = 0;
    }
    this.#options.onFrame(frame, link.id);
  }

  #closed(slot: Slot, link: Link, reason: string): void {
    // A connection that was closed on purpose is no longer in a slot.
    if (!isCurrent(slot, link)) return;
    if (slot.current === link) slot.current = slot.next;
    slot.next = undefined;
    this.#lost(slot, link, reason);
  }

  #lost(slot: Slot, link: Link, reason: string): void {
    const { clock, log, metrics } = this.#options;
    slot.failures += 1;
    const waitMs = backoffMs(slot.failures, RECONNECT, clock.random);
    slot.retryAtMs = clock.monotonicMs() + waitMs;
    this.#problem = reason;
    metrics.connectionLost();
    log.warn({ connection: link.id, reason, waitMs: Math.round(waitMs) }, 'connection to the venue lost');
  }

  #maintain(slot: Slot, link: Link): void {
    const { clock, venue } = this.#options;
    const nowMs = clock.monotonicMs();
    const action = decideConnection(link, nowMs, venue.limits);
    if (action.kind === 'Ping') {
      link.lastPingMs = nowMs;
      link.connection.ping();
    } else if (action.kind === 'Drop') {
      this.#closed(slot, link, action.reason);
      link.connection.close();
    } else if (
      action.kind === 'Replace' &&
      slot.current === link &&
      slot.next === undefined &&
      this.#mayConnect(slot)
    ) {
      slot.next = this.#connect(slot);
    }
  }

  #takeOver(slot: Slot): void {
    const { current, next } = slot;
    if (current === undefined || next?.phase !== 'open') return;
    const ageMs = this.#options.clock.monotonicMs() - next.sinceMs;
    if (next.carried && ageMs >= OVERLAP_MS) {
      slot.current = next;
      slot.next = undefined;
      current.connection.close();
      this.#options.log.info({ from: current.id, to: next.id }, 'connection to the venue replaced');
    } else if (!next.carried && ageMs >= REPLACEMENT_PATIENCE_MS) {
      this.#closed(slot, next, 'NoData');
      next.connection.close();
    }
  }
}

function isCurrent(slot: Slot, link: Link): boolean {
  return slot.current === link || slot.next === link;
}

function isOpen({ current, next }: Slot): boolean {
  return current?.phase === 'open' || next?.phase === 'open';
}

function slotOf(symbols: readonly string[]): Slot {
  return { symbols, current: undefined, next: undefined, failures: 0, retryAtMs: Number.NEGATIVE_INFINITY };
}
