import { describe, expect, it } from 'vitest';
import { parseDecimal } from '../../../shared/domain/decimal.ts';
import { middleOf } from './confirmed.ts';
import { instrumentBreaches, spreadBreach } from './instrument-breaches.ts';
import { EMPTY_SERIES, lookAtBook, receiveBook, type InstrumentSeries } from './instrument-series.ts';

const d = parseDecimal;
const SYMBOL = 'XRP/ETH';
const RULES = { maxSpreadPercent: d('1'), maxMovePercent: d('10'), moveWindowSeconds: 60, maxFeedGaps: 2 };

/** Looks at one book a second, each with a mid and a spread. */
function seriesOf(books: readonly (readonly [mid: string, spread: string])[], windowMs = 60_000): InstrumentSeries {
  return books.reduce((series, [mid, spread], second) => {
    const half = d(spread) / 2n;
    const receivedAt = second * 1_000;
    const book = {
      bid: (d(mid) - half) as ReturnType<typeof d>,
      ask: (d(mid) + half) as ReturnType<typeof d>,
      receivedAt,
    };
    return lookAtBook(series, book, receivedAt - windowMs);
  }, EMPTY_SERIES);
}

function reached(series: InstrumentSeries, rules: Parameters<typeof instrumentBreaches>[2] = RULES): readonly string[] {
  return instrumentBreaches(SYMBOL, series, rules).map(({ breaker }) => breaker);
}

function times<T>(count: number, value: T): readonly T[] {
  return Array.from({ length: count }, () => value);
}

describe('the spread', () => {
  it.each([
    ['at the limit', times(3, ['100', '1'] as const), []],
    ['above the limit', times(3, ['100', '1.000000000000000002'] as const), ['WideSpread']],
    [
      'above it in one book of three',
      [
        ['100', '0.5'],
        ['100', '9'],
        ['100', '0.5'],
      ] as const,
      [],
    ],
    [
      'above it in two books of three',
      [
        ['100', '0.5'],
        ['100', '9'],
        ['100', '9'],
      ] as const,
      ['WideSpread'],
    ],
    ['above it in only two books', times(2, ['100', '9'] as const), []],
  ])('%s', (_what, books, breakers) => {
    expect(reached(seriesOf(books))).toEqual(breakers);
  });

  it('of one book is judged without a second one, for a decision', () => {
    expect(spreadBreach(SYMBOL, { spread: d('2'), mid: d('100') }, RULES)).toEqual({
      breaker: 'WideSpread',
      symbol: SYMBOL,
      threshold: '1',
      detail: 'the spread of XRP/ETH is 2 %, risk.maxSpreadPercent is 1',
      inputs: { spreadPercent: '2', mid: '100' },
    });
    expect(spreadBreach(SYMBOL, { spread: d('2'), mid: d('100') }, {})).toBeUndefined();
  });
});

describe('the move of the mid price', () => {
  const path = (...mids: readonly string[]) => mids.map((mid) => [mid, '0.1'] as const);

  it.each([
    ['at the limit', path('100', '100', '100', '110', '110'), []],
    ['up, above the limit', path('100', '100', '100', '110.1', '110.1'), ['PriceMove']],
    ['down, above the limit', path('100', '100', '100', '89', '89'), ['PriceMove']],
    ['of one bad book', path('100', '100', '100', '50', '100', '100'), []],
    ['back to where it began', path('100', '100', '80', '80', '100', '100'), ['PriceMove']],
    ['without three books', path('100', '50'), []],
    ['step by step', path('100', '100', ...times(10, '105'), ...times(10, '108'), ...times(3, '112')), ['PriceMove']],
  ])('%s', (_what, books, breakers) => {
    expect(reached(seriesOf(books))).toEqual(breakers);
  });

  it('counts within the window only', () => {
    const slow = path(...times(20, '100'), ...times(20, '112'));
    expect(reached(seriesOf(slow, 21_000))).toEqual(['PriceMove']);
    expect(reached(seriesOf(slow, 10_000))).toEqual([]);
  });

  it('names where it came from', () => {
    const [breach] = instrumentBreaches(SYMBOL, seriesOf(path('100', '100', '80', '80')), RULES);
    expect(breach).toMatchObject({
      detail: 'XRP/ETH moved by 20 % within 60 s, risk.maxMovePercent is 10',
      inputs: { from: '100', to: '80', movePercent: '20', moveWindowSeconds: 60 },
    });
  });
});

describe('gaps in the feed', () => {
  const received = (...times_: readonly number[]): InstrumentSeries =>
    times_.reduce(
      (series, atMs) => receiveBook(series, atMs, { maxFeedAgeMs: 2_000, sinceMs: atMs - 60_000 }),
      EMPTY_SERIES,
    );

  it.each([
    ['none between books that are in time', [0, 2_000, 4_000, 6_000], 0],
    ['one for a pause that is too long', [0, 2_001], 1],
    ['one for each such pause', [0, 3_000, 6_000, 7_000, 10_000], 3],
    ['none before the window', [0, 3_000, 6_000, 66_000], 1],
    ['none when the clock steps back', [10_000, 4_000, 11_000], 0],
  ])('are %s', (_what, times_, gaps) => {
    expect(received(...times_).gaps).toHaveLength(gaps);
  });

  it('are above the limit with one more than it', () => {
    expect(reached(received(0, 3_000, 6_000))).toEqual([]);
    expect(reached(received(0, 3_000, 6_000, 9_000))).toEqual(['FeedGaps']);
    expect(reached(received(0, 3_000, 6_000, 9_000), {})).toEqual([]);
  });
});

describe('a look at a book', () => {
  const book = { bid: d('1'), ask: d('2'), receivedAt: 5 };

  it('counts the same book once', () => {
    const twice = lookAtBook(lookAtBook(EMPTY_SERIES, book, 0), book, 0);
    expect(twice.books).toHaveLength(1);
    expect(lookAtBook(twice, { ...book, receivedAt: 6 }, 0).books).toHaveLength(2);
  });

  it('ignores a book with one side', () => {
    expect(lookAtBook(EMPTY_SERIES, { ...book, bid: undefined }, 0)).toEqual(EMPTY_SERIES);
  });
});

it.each([
  [[], undefined],
  [[1n, 2n], undefined],
  [[3n, 1n, 2n], 2n],
  [[9n, 3n, 1n, 2n], 2n],
  [[1n, 9n, 1n], 1n],
])('the middle of the last three: case %#', (values, middle) => {
  expect(middleOf(values)).toBe(middle);
});
