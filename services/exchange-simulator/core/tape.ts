import { isDecimal, parseDecimal } from '../../shared/domain/decimal.ts';
import { toLots, toTicks, type Instrument, type Lots, type Ticks } from '../../shared/domain/instrument.ts';
import type { Side } from '../../shared/domain/side.ts';

/** One recorded trade. */
export interface TapeTrade {
  /** Milliseconds of tape time since the tape's first trade. */
  readonly offsetMs: number;
  readonly takerSide: Side;
  readonly price: Ticks;
  readonly quantity: Lots;
}

export interface Tape {
  readonly trades: readonly TapeTrade[];
  /** Length of one loop: the last trade's offset, plus one second before the first trade of the next loop. */
  readonly spanMs: number;
  /** Median trade quantity. */
  readonly medianQuantity: Lots;
}

/** Thrown on a tape that cannot be played; names the line. */
export class TapeError extends Error {
  readonly code = 'MalformedTape';
  readonly line: number;

  constructor(line: number, problem: string) {
    super(`line ${line} of the tape: ${problem}`);
    this.name = 'TapeError';
    this.line = line;
  }
}

const HEADER = 'timestamp_ms,trade_id,taker_side,price,amount';
const LOOP_PAUSE_MS = 1_000;

/**
 * Parses CSV with the header above and non-decreasing times. Prices must be multiples of the instrument's tick size;
 * amounts are rounded down to its lot size, and a trade that rounds to zero is skipped. Throws TapeError.
 */
export function parseTape(csv: string, instrument: Instrument): Tape {
  const [header, ...lines] = csv.split(/\r?\n/);
  if (header !== HEADER) throw new TapeError(1, `expected the header ${HEADER}`);
  const trades: TapeTrade[] = [];
  let firstMs: number | undefined;
  let lastMs = 0;
  lines.forEach((text, index) => {
    if (text === '') return;
    const row = parseRow(text, index + 2, instrument);
    firstMs ??= row.timeMs;
    if (row.timeMs < lastMs) throw new TapeError(index + 2, 'its time is before the time of the previous trade');
    lastMs = row.timeMs;
    if (row.quantity > 0) trades.push({ ...row, offsetMs: row.timeMs - firstMs });
  });
  if (trades.length === 0 || firstMs === undefined)
    throw new TapeError(2, 'the tape contains no trade of at least one lot');
  return { trades, spanMs: lastMs - firstMs + LOOP_PAUSE_MS, medianQuantity: medianOf(trades) };
}

interface Row {
  readonly timeMs: number;
  readonly takerSide: Side;
  readonly price: Ticks;
  readonly quantity: Lots;
}

function parseRow(text: string, line: number, instrument: Instrument): Row {
  const match = ROW.exec(text);
  if (match === null) throw new TapeError(line, 'expected timestamp_ms, trade_id, buy or sell, price, amount');
  const [, time = '', takerSide, priceText = '', amountText = ''] = match;
  if (!isDecimal(priceText) || !isDecimal(amountText)) throw new TapeError(line, 'price or amount is out of range');
  const price = parseDecimal(priceText);
  if (price <= 0n || price % instrument.tickSize !== 0n)
    throw new TapeError(line, `the price is not a positive multiple of the tick size of ${instrument.symbol}`);
  return {
    timeMs: Number(time),
    takerSide: takerSide as Side,
    price: toTicks(price, instrument),
    quantity: toLots(parseDecimal(amountText), instrument, 'floor'),
  };
}

const ROW = /^(\d{1,15}),[^,]*,(buy|sell),(\d+(?:\.\d+)?),(\d+(?:\.\d+)?)$/;

function medianOf(trades: readonly TapeTrade[]): Lots {
  const sorted = trades.map((trade) => trade.quantity).sort((a, b) => a - b);
  return sorted[sorted.length >>> 1] as Lots;
}
