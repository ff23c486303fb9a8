import { formatDecimal, type Decimal } from '../../../shared/domain/decimal.ts';
import { fromLots, fromTicks, type Instrument } from '../../../shared/domain/instrument.ts';
import {
  bookTickerChannel,
  dealsChannel,
  depthChannel,
  eventTypeOf,
  venueSymbolOf,
  type MexcInterval,
} from '../../../shared/venue/mexc/channels.ts';
import type { MexcDeal, MexcLevel, MexcPush, MexcPushBody } from '../../../shared/venue/mexc/stream/protobuf.ts';
import type { ExchangeEvent } from '../../core/events.ts';
import type { MatchingEngine } from '../../core/matching-engine.ts';
import { drain, type DepthLevel, type LevelTracker } from '../../core/order-book.ts';

interface PairFeed {
  readonly instrument: Instrument;
  readonly venueSymbol: string;
  readonly tracker: LevelTracker;
  deals: MexcDeal[];
  ticker: string;
}

/**
 * Public streams of one interval: collects the changes of each pair, and returns at every `flush` one frame for each
 * channel with changes. Depth frames are contiguous from the first one, whether or not a client is subscribed.
 */
export class PublicFeed {
  readonly #engine: MatchingEngine;
  readonly #interval: MexcInterval;
  readonly #pairs: ReadonlyMap<string, PairFeed>;

  constructor(engine: MatchingEngine, instruments: readonly Instrument[], interval: MexcInterval) {
    this.#engine = engine;
    this.#interval = interval;
    this.#pairs = new Map(
      instruments.map((instrument) => {
        const { symbol } = instrument;
        const tracker = engine.book(symbol).track();
        return [symbol, { instrument, venueSymbol: venueSymbolOf(symbol), tracker, deals: [], ticker: '' }];
      }),
    );
  }

  /** Records the prints. */
  collect(events: readonly ExchangeEvent[]): void {
    for (const event of events) {
      if (event.kind !== 'trade') continue;
      this.#pairs.get(event.symbol)?.deals.push({
        price: formatDecimal(event.price),
        quantity: formatDecimal(event.quantity),
        tradeType: event.takerSide === 'buy' ? 1 : 2,
        time: event.time,
      });
    }
  }

  /** Returns the frames since the last flush. */
  flush(nowMs: number): readonly MexcPush[] {
    return [...this.#pairs.values()].flatMap((pair) => [
      ...this.#deals(pair, nowMs),
      ...this.#depth(pair, nowMs),
      ...this.#ticker(pair, nowMs),
    ]);
  }

  #deals(pair: PairFeed, nowMs: number): readonly MexcPush[] {
    if (pair.deals.length === 0) return [];
    const { deals } = pair;
    pair.deals = [];
    const eventType = eventTypeOf('deals', this.#interval);
    return [push(dealsChannel(pair.venueSymbol, this.#interval), pair, nowMs, { kind: 'deals', deals, eventType })];
  }

  #depth(pair: PairFeed, nowMs: number): readonly MexcPush[] {
    const change = drain(this.#engine.book(pair.instrument.symbol), pair.tracker);
    if (change === undefined) return [];
    const body: MexcPushBody = {
      kind: 'depths',
      asks: change.asks.map((level) => levelText(level, pair.instrument)),
      bids: change.bids.map((level) => levelText(level, pair.instrument)),
      eventType: eventTypeOf('depth', this.#interval),
      fromVersion: String(change.fromVersion),
      toVersion: String(change.toVersion),
    };
    return [push(depthChannel(pair.venueSymbol, this.#interval), pair, nowMs, body)];
  }

  /** Returns a frame only when best bid or best ask changed and both exist. */
  #ticker(pair: PairFeed, nowMs: number): readonly MexcPush[] {
    const body = tickerOf(this.#engine, pair.instrument);
    const text = JSON.stringify(body);
    if (body === undefined || text === pair.ticker) return [];
    pair.ticker = text;
    return [push(bookTickerChannel(pair.venueSymbol, this.#interval), pair, nowMs, { kind: 'bookTicker', ...body })];
  }
}

export interface Ticker {
  readonly bidPrice: string;
  readonly bidQuantity: string;
  readonly askPrice: string;
  readonly askQuantity: string;
}

/** Returns best bid and best ask, or undefined while a side is empty. */
export function tickerOf(engine: Pick<MatchingEngine, 'book'>, instrument: Instrument): Ticker | undefined {
  const book = engine.book(instrument.symbol);
  const [bid] = book.levels('buy', 1);
  const [ask] = book.levels('sell', 1);
  if (bid === undefined || ask === undefined) return undefined;
  const [bidText, askText] = [levelText(bid, instrument), levelText(ask, instrument)];
  return {
    bidPrice: bidText.price,
    bidQuantity: bidText.quantity,
    askPrice: askText.price,
    askQuantity: askText.quantity,
  };
}

export function levelText([price, quantity]: DepthLevel, instrument: Instrument): MexcLevel {
  const text = (value: Decimal): string => formatDecimal(value);
  return { price: text(fromTicks(price, instrument)), quantity: text(fromLots(quantity, instrument)) };
}

function push(channel: string, { venueSymbol }: PairFeed, nowMs: number, body: MexcPushBody): MexcPush {
  return { channel, symbol: venueSymbol, createTime: nowMs, sendTime: nowMs, body };
}
