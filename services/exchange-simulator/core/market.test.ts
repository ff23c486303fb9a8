import { describe, expect, it } from 'vitest';
import { parseDecimal } from '../../shared/domain/decimal.ts';
import type { Instrument, Ticks } from '../../shared/domain/instrument.ts';
import { isAccountEvent, type ExchangeEvent, type PlaceOrder } from './events.ts';
import { ladderOf } from './market-maker.ts';
import { Market } from './market.ts';
import { parseTape, TapeError } from './tape.ts';

const d = parseDecimal;
const PAIR: Instrument = {
  symbol: 'XRP/ETH',
  base: 'XRP',
  quote: 'ETH',
  tickSize: d('0.0001'),
  lotSize: d('1'),
  minQuantity: d('1'),
  minNotional: d('0.001'),
  maxNotional: d('100000'),
  makerFee: d('0'),
  takerFee: d('0.001'),
};
const HEADER = 'timestamp_ms,trade_id,taker_side,price,amount';
const ROWS = ['1000,1,sell,0.1000,20.0', '2000,2,buy,0.1010,30.0', '2000,3,buy,0.1012,5.5', '9000,4,sell,0.0995,50.0'];
const TAPE = parseTape([HEADER, ...ROWS, ''].join('\n'), PAIR);
const ORIGIN = 1_767_225_600_000;

function market(speed = 1, requoteMs = 100): Market {
  return new Market({
    instruments: [PAIR],
    opening: { paper: { ETH: d('100'), XRP: d('1000') } },
    tape: TAPE,
    tapeSymbol: PAIR.symbol,
    speed,
    requoteMs,
    seed: 7,
    originMs: ORIGIN,
    idPrefix: '1',
  });
}

function buy(price: string, quantity: string): PlaceOrder {
  return {
    kind: 'place',
    account: 'paper',
    clientOrderId: 'c',
    symbol: PAIR.symbol,
    side: 'buy',
    type: 'LIMIT',
    price: d(price),
    quantity: d(quantity),
    request: { time: ORIGIN, recvWindowMs: 1, receivedAt: ORIGIN },
  };
}

type Print = readonly [side: string, price: number, quantity: number, afterMs: number];

function trades(events: readonly ExchangeEvent[]): readonly Print[] {
  return events
    .filter((event) => event.kind === 'trade')
    .map(({ takerSide, price, quantity, time }) => [
      takerSide,
      Number(price) / 1e18,
      Number(quantity) / 1e18,
      time - ORIGIN,
    ]);
}

describe('parseTape', () => {
  it('reads prices in ticks, and amounts rounded down to lots', () => {
    expect(TAPE.trades.map(({ offsetMs, price, quantity }) => [offsetMs, price, quantity])).toEqual([
      [0, 1000, 20],
      [1000, 1010, 30],
      [1000, 1012, 5],
      [8000, 995, 50],
    ]);
    expect(TAPE.spanMs).toBe(9_000);
  });

  it.each([
    ['a missing header', 1, ['1,2,buy,1,1']],
    ['an invalid side', 3, [HEADER, '1000,1,buy,0.1,1', '1001,1,short,0.1,1']],
    ['a price between ticks', 2, [HEADER, '1000,1,buy,0.10001,1']],
    ['a time that decreases', 3, [HEADER, '1000,1,buy,0.1,1', '999,1,buy,0.1,1']],
    ['an empty tape', 2, [HEADER, '']],
  ])('rejects %s and names the line', (_title, line, text) => {
    const read = (): unknown => parseTape(text.join('\n'), PAIR);
    expect(read).toThrow(TapeError);
    expect(read).toThrow(`line ${line} of the tape`);
  });
});

describe('Market', () => {
  it('prints the recorded trades at their times divided by the speed, in a loop', () => {
    const venue = market(10);
    venue.open(ORIGIN);
    const printed = trades(venue.advance(ORIGIN + 1_000));
    expect(printed.filter(([, , , time]) => time < 900)).toEqual([
      ['sell', 0.1, 20, 0],
      ['buy', 0.101, 30, 100],
      ['buy', 0.1012, 5, 100],
      ['sell', 0.0995, 50, 800],
    ]);
    expect(printed.slice(4, 6)).toEqual([
      ['sell', 0.1, 20, 900],
      ['buy', 0.101, 30, 1_000],
    ]);
  });

  it('resumes at the right tape position after a stop, and quotes around the last prices', () => {
    const venue = market(10);
    venue.open(ORIGIN + 250);
    expect(venue.engine.book(PAIR.symbol).bestPrice('buy')).toBe(1000);
    expect(venue.engine.book(PAIR.symbol).bestPrice('sell')).toBe(1012);
    expect(trades(venue.advance(ORIGIN + 850))).toEqual([['sell', 0.0995, 50, 800]]);
  });

  it('keeps ten levels per side, requotes between trades, and quotes best at the last taker prices', () => {
    const venue = market();
    venue.open(ORIGIN);
    venue.advance(ORIGIN + 1_500);
    const book = venue.engine.book(PAIR.symbol);
    expect(book.levels('buy', 99)).toHaveLength(10);
    expect(book.levels('sell', 99)).toHaveLength(10);
    expect([book.bestPrice('buy'), book.bestPrice('sell')]).toEqual([1000, 1012]);
    const version = book.version;
    expect(trades(venue.advance(ORIGIN + 7_000))).toEqual([]);
    expect(book.version).toBeGreaterThan(version + 50);
  });

  it('fills a resting order only after the earlier orders at its price', () => {
    const venue = market();
    venue.open(ORIGIN);
    venue.advance(ORIGIN + 5_000);
    const queue = venue.engine.book(PAIR.symbol).quantityAt('buy', 995 as Ticks);
    venue.engine.apply(buy('0.0995', '10'), ORIGIN + 5_000);
    const events = venue.advance(ORIGIN + 8_000);
    const fills = events.filter((event) => event.kind === 'fill');
    // The recorded sale at 0.0995 takes 50 lots, starting with the orders ahead of our order.
    const expected = Math.max(0, Math.min(10, 50 - queue));
    expect(fills.reduce((sum, fill) => sum + Number(fill.quantity) / 1e18, 0)).toBe(expected);
    expect(queue).toBeGreaterThan(0);
  });

  it('fills an order at a better price than the touch before the house', () => {
    const venue = market();
    venue.open(ORIGIN);
    venue.advance(ORIGIN + 5_000);
    venue.engine.apply(buy('0.1005', '10'), ORIGIN + 5_000);
    const fills = venue.advance(ORIGIN + 8_000).filter((event) => event.kind === 'fill');
    expect(fills).toMatchObject([{ price: d('0.1005'), quantity: d('10'), maker: true, completes: true }]);
  });

  it('produces the same events whatever the time steps', () => {
    const [coarse, fine] = [market(), market()];
    const first = [...coarse.open(ORIGIN), ...coarse.advance(ORIGIN + 20_000)];
    const second = [...fine.open(ORIGIN)];
    for (let nowMs = ORIGIN; nowMs <= ORIGIN + 20_000; nowMs += 37) second.push(...fine.advance(nowMs));
    second.push(...fine.advance(ORIGIN + 20_000));
    expect(second).toEqual(first);
    expect(fine.engine.book(PAIR.symbol).levels('buy', 99)).toEqual(coarse.engine.book(PAIR.symbol).levels('buy', 99));
  });

  it('shifts book and trades by basis points, rounded to the tick, until it is shifted back', () => {
    const venue = market(10);
    venue.open(ORIGIN);
    const book = venue.engine.book(PAIR.symbol);
    venue.shift(-1_000, ORIGIN);
    expect([book.bestPrice('buy'), book.bestPrice('sell')]).toEqual([896, 911]);
    const shifted = trades(venue.advance(ORIGIN + 800));
    expect(shifted.map(([, price]) => price)).toEqual([0.09, 0.0909, 0.0911, 0.0896]);
    venue.shift(0, ORIGIN + 800);
    expect([book.bestPrice('buy'), book.bestPrice('sell')]).toEqual([995, 1012]);
    expect(trades(venue.advance(ORIGIN + 900)).map(([, price]) => price)).toEqual([0.1]);
  });

  it('keeps a shift after a pause, and a spread of a tick where the shifted prices meet', () => {
    const venue = market(10);
    venue.shift(-9_900, ORIGIN);
    venue.open(ORIGIN + 5_000);
    const book = venue.engine.book(PAIR.symbol);
    expect([book.bestPrice('buy'), book.bestPrice('sell')]).toEqual([9, 10]);
  });

  it('fills restored resting orders after a restart', () => {
    const before = market();
    before.open(ORIGIN);
    const placed = before.engine.apply(buy('0.1005', '10'), ORIGIN + 10);
    const after = market();
    for (const event of placed) if (isAccountEvent(event)) after.engine.restore(event);
    after.engine.resume();
    const events = after.open(ORIGIN + 8_500);
    expect(after.engine.book(PAIR.symbol).bestPrice('buy')).toBe(1005);
    expect(events).toEqual([]);
    expect(after.advance(ORIGIN + 9_000).filter((event) => event.kind === 'fill')).toMatchObject([
      { quantity: d('10') },
    ]);
  });
});

describe('ladderOf', () => {
  it('puts levels on a grid behind the touch, so a small move keeps them', () => {
    const at = (touch: number): readonly number[] => ladderOf('buy', touch as Ticks, 4);
    expect(at(150_000)).toEqual([150_000, 149_985, 149_970, 149_955]);
    expect(at(149_995)).toEqual([149_995, 149_985, 149_970, 149_955]);
    expect(ladderOf('sell', 150_007 as Ticks, 3)).toEqual([150_007, 150_015, 150_030]);
    expect(ladderOf('buy', 2 as Ticks, 5)).toEqual([2, 1]);
  });
});

describe('a market of two pairs', () => {
  const OTHER: Instrument = { ...PAIR, symbol: 'ADA/ETH', base: 'ADA' };
  const both = (otherOriginMs: number): Market =>
    new Market({
      instruments: [PAIR, OTHER],
      opening: { paper: { ETH: d('100') } },
      tape: TAPE,
      tapeSymbol: PAIR.symbol,
      speed: 1,
      requoteMs: 100,
      seed: 7,
      originMs: ORIGIN,
      idPrefix: '1',
      others: [{ symbol: OTHER.symbol, originMs: otherOriginMs, seed: 8 }],
    });
  const printsOf = (one: Market, symbol: string): readonly Print[] => {
    one.open(ORIGIN);
    return trades(one.advance(ORIGIN + 20_000).filter((event) => 'symbol' in event && event.symbol === symbol));
  };

  it('plays the tape for each, and the first as if it were alone', () => {
    const alone = market();
    alone.open(ORIGIN);
    expect(printsOf(both(ORIGIN), PAIR.symbol)).toEqual(trades(alone.advance(ORIGIN + 20_000)));
    expect(printsOf(both(ORIGIN), OTHER.symbol)).toEqual(printsOf(both(ORIGIN), PAIR.symbol));
  });

  it('plays the second from another place of the tape', () => {
    const [first, second] = [printsOf(both(ORIGIN - 500), PAIR.symbol), printsOf(both(ORIGIN - 500), OTHER.symbol)];
    expect(second.length).toBeGreaterThan(0);
    expect(second[0]?.slice(0, 3)).not.toEqual(first[0]?.slice(0, 3));
  });
});
