import type { BookPayload } from '../../shared/contracts/messages/book.ts';
import type { InstrumentPayload } from '../../shared/contracts/messages/instrument.ts';
import type { TradePayload } from '../../shared/contracts/messages/trade.ts';
import { formatDecimal } from '../../shared/domain/decimal.ts';
import { fromLots, fromTicks, type Instrument, type Lots, type Ticks } from '../../shared/domain/instrument.ts';
import type { MergeTrade } from './trade-merge.ts';

/**
 * The publisher, and the sequence number of the message in its stream. Numbers start at 1 without gaps, so a gap
 * reveals a loss.
 */
export interface Origin {
  readonly producer: string;
  readonly seq: number;
  readonly symbol: string;
  /** Time of receipt by our clock, UTC milliseconds. */
  readonly receivedAt: number;
}

interface Levels {
  readonly version: bigint;
  readonly bids: readonly { readonly price: Ticks; readonly quantity: Lots }[];
  readonly asks: readonly { readonly price: Ticks; readonly quantity: Lots }[];
}

export function tradePayload(origin: Origin, { price, quantity, takerSide, time }: MergeTrade): TradePayload {
  return { ...origin, price: formatDecimal(price), quantity: formatDecimal(quantity), takerSide, time };
}

/** Builds a book payload. `time` is the venue's time of the last change to the book. */
export function bookPayload(origin: Origin, view: Levels, instrument: Instrument, time: number): BookPayload {
  const toText = ({ price, quantity }: Levels['bids'][number]): [string, string] => [
    formatDecimal(fromTicks(price, instrument)),
    formatDecimal(fromLots(quantity, instrument)),
  ];
  return {
    ...origin,
    version: view.version.toString(),
    bids: view.bids.map(toText),
    asks: view.asks.map(toText),
    time,
  };
}

export function instrumentPayload(instrument: Instrument): InstrumentPayload {
  const { symbol, base, quote, tickSize, lotSize, minQuantity, minNotional, maxNotional, orderTypes } = instrument;
  return {
    symbol,
    base,
    quote,
    tickSize: formatDecimal(tickSize),
    lotSize: formatDecimal(lotSize),
    minQuantity: formatDecimal(minQuantity),
    minNotional: formatDecimal(minNotional),
    maxNotional: formatDecimal(maxNotional),
    makerFee: formatDecimal(instrument.makerFee),
    takerFee: formatDecimal(instrument.takerFee),
    ...(orderTypes !== undefined && { orderTypes: [...orderTypes] }),
  };
}
