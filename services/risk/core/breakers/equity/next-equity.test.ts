import { assert, bigInt, boolean, integer, property, tuple, type Arbitrary } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY_MS, equityAt, equityRecord } from '../../../../../test/fixtures/breakers.ts';
import { formatDecimal, ONE, parseDecimal, subtract, type Decimal } from '../../../../shared/domain/decimal.ts';
import type { EquityRecord } from '../breaker.ts';
import type { Equity } from './equity.ts';
import { nextEquity } from './next-equity.ts';
import { utcDayOf } from '../utc-day.ts';

const d = parseDecimal;
const NONE: ReadonlyMap<string, Decimal> = new Map();

interface Change {
  readonly record?: EquityRecord | undefined;
  readonly transfers?: ReadonlyMap<string, Decimal>;
  readonly fees?: ReadonlyMap<string, Decimal>;
  readonly nowMs?: number;
  readonly hasSettled?: boolean;
}

/** 2 BTC are worth 50 ETH. */
function withBtc(equity: string, change: Partial<Equity> = {}): Equity {
  const { rates } = equityRecord();
  const valued = { assets: ['BTC', 'ETH', 'XRP'], rates: new Map([...rates, ['BTC', d('25')]]) };
  return equityAt(equity, { ...valued, amounts: new Map([['BTC', d('2')]]), ...change });
}

/** The pair of 1000 XRP, worth 10 ETH, was removed. */
function withoutXrp(equity: string, change: Partial<Equity> = {}): Equity {
  const valued = { assets: ['ETH'], rates: new Map([['ETH', ONE]]), amounts: new Map([['XRP', d('1000')]]) };
  return equityAt(equity, { ...valued, ...change });
}

const SCALED = '186.666666666666666667';
const SCALED_DOWN = '106.666666666666666667';

/** Start of the day and peak after an equity. */
function after(valued: Equity, change: Change = {}): string {
  const record = 'record' in change ? change.record : equityRecord();
  const { transfers = NONE, fees = NONE, nowMs = DAY_MS + 1, hasSettled = true } = change;
  const next = nextEquity(record, { valued, transfers, fees, nowMs, hasSettled });
  return `${formatDecimal(next.dayStart)} ${formatDecimal(next.peak)}`;
}

describe('the baselines', () => {
  it.each<[string, Equity, Change, string]>([
    ['begin with the first equity', equityAt('90'), { record: undefined }, '90 90'],
    ['stay while the account loses', equityAt('90'), {}, '100 120'],
    ['rise with a new peak, and not with a profit of the day', equityAt('130'), {}, '100 130'],
    ['stay until the last millisecond of the UTC day', equityAt('90'), { nowMs: DAY_MS + 86_399_999 }, '100 120'],
    ['begin a new day with its first equity', equityAt('90'), { nowMs: DAY_MS + 86_400_000 }, '90 120'],
    ['begin no day again when the clock steps back', equityAt('90'), { nowMs: DAY_MS - 1 }, '100 120'],
    ['move with a deposit', equityAt('200'), { transfers: new Map([['ETH', d('100')]]) }, '200 240'],
    ['move with a withdrawal', equityAt('50'), { transfers: new Map([['ETH', d('-50')]]) }, '50 60'],
    ['move with a transfer at its price', equityAt('110'), { transfers: new Map([['XRP', d('1000')]]) }, '110 132'],
    [
      'do not move with a transfer of an asset of no pair',
      equityAt('100'),
      { transfers: new Map([['DOGE', d('9')]]) },
      '100 120',
    ],
    [
      'do not move with a transfer that they contain',
      equityAt('90'),
      { record: equityRecord({ transfers: new Map([['ETH', d('7')]]) }), transfers: new Map([['ETH', d('7')]]) },
      '100 120',
    ],
    [
      'begin again with what a withdrawal of everything leaves',
      equityAt('0'),
      { transfers: new Map([['ETH', d('-100')]]) },
      '0 0',
    ],
    [
      'begin again with a deposit into an empty account',
      equityAt('50'),
      {
        record: equityRecord({ equity: d('0'), dayStart: d('0'), peak: d('0') }),
        transfers: new Map([['ETH', d('50')]]),
      },
      '50 50',
    ],
    ['move by what an asset is worth that counts from now on', withBtc('150'), {}, '150 180'],
    ['keep the loss beside such an asset', withBtc('140'), {}, `150 ${SCALED}`],
    [
      'contain the fees that were paid in such an asset since the record',
      withBtc('125', { amounts: new Map([['BTC', d('1')]]) }),
      { fees: new Map([['BTC', d('1')]]) },
      '150 200',
    ],
    [
      'contain the transfers of such an asset only once',
      withBtc('150'),
      { transfers: new Map([['BTC', d('1')]]) },
      '150 180',
    ],
    ['move by the last worth of an asset that counts no more', withoutXrp('90'), {}, '90 108'],
    ['keep the loss beside such an asset', withoutXrp('80'), {}, `90 ${SCALED_DOWN}`],
    [
      'leave out what came in of such an asset since the record',
      withoutXrp('90', { amounts: new Map([['XRP', d('1500')]]) }),
      { transfers: new Map([['XRP', d('500')]]) },
      '90 108',
    ],
    [
      'move by the whole difference without the rate of such an asset',
      withoutXrp('80'),
      { record: equityRecord({ rates: new Map() }) },
      '80 96',
    ],
    [
      'keep the loss in another currency, by the last rate between the two',
      equityAt('190000', { currency: 'USDT' }),
      {
        record: equityRecord({
          rates: new Map([
            ['ETH', ONE],
            ['XRP', d('0.01')],
            ['USDT', d('0.0005')],
          ]),
        }),
      },
      '200000 240000',
    ],
    [
      'begin no day, and rise to no peak, while prices are about to come',
      equityAt('130'),
      { nowMs: DAY_MS + 86_400_000, hasSettled: false },
      '100 120',
    ],
    [
      'move with a deposit meanwhile',
      equityAt('200'),
      { transfers: new Map([['ETH', d('100')]]), hasSettled: false },
      '200 240',
    ],
    ['keep their ratio in another currency', equityAt('300000', { currency: 'USDT' }), {}, '300000 360000'],
    [
      'keep their ratio in another currency whatever came in meanwhile',
      equityAt('300000', { currency: 'USDT' }),
      { transfers: new Map([['ETH', d('50')]]) },
      '300000 360000',
    ],
    [
      'keep the loss beside an asset without a rate of which nothing was there',
      withoutXrp('60', { amounts: new Map() }),
      { record: equityRecord({ rates: new Map() }) },
      '100 120',
    ],
    [
      'begin again in another currency after nothing was left',
      equityAt('7', { currency: 'USDT' }),
      { record: equityRecord({ equity: d('0') }) },
      '7 7',
    ],
  ])('%s', (_what, valued, change, baselines) => {
    expect(after(valued, change)).toBe(baselines);
  });

  it('move by a transfer of an asset at the rate that it was valued with', () => {
    const rates = new Map([['XRP', d('0.5')]]);
    expect(after(equityAt('110', { rates }), { transfers: new Map([['XRP', d('20')]]) })).toBe('110 132');
  });

  it('keep the rates that the equity was valued with', () => {
    const rates = new Map([['XRP', d('0.5')]]);
    const now = { valued: equityAt('90', { rates }), transfers: NONE, fees: NONE, nowMs: DAY_MS };
    expect(nextEquity(equityRecord(), now).rates).toEqual(rates);
    expect(nextEquity(undefined, now).rates).toEqual(rates);
  });

  it('stay within what a decimal holds when a deposit follows on almost nothing', () => {
    const record = equityRecord({ equity: d('0.000000000000000001') });
    const transfers = new Map([['ETH', d('1000')]]);
    expect(after(equityAt('1000.000000000000000001'), { record, transfers })).toBe(`1100 ${'9'.repeat(20)}`);
  });

  it('contain the fees that were paid until now', () => {
    const fees = new Map([['USDT', d('7')]]);
    const now = { valued: equityAt('90'), transfers: NONE, fees, nowMs: DAY_MS };
    expect(nextEquity(undefined, now).fees).toEqual(fees);
    expect(nextEquity(equityRecord({ fees: new Map([['USDT', d('3')]]) }), now).fees).toEqual(fees);
  });

  it('keep the revision that they follow', () => {
    expect(
      nextEquity(equityRecord(), { valued: equityAt('1'), transfers: NONE, fees: NONE, nowMs: DAY_MS }).revision,
    ).toBe(3);
    expect(nextEquity(undefined, { valued: equityAt('1'), transfers: NONE, fees: NONE, nowMs: DAY_MS }).revision).toBe(
      0,
    );
  });
});

const amount = bigInt({ min: 1n, max: 10n ** 30n }) as Arbitrary<Decimal>;

it('leaves the loss of the day and the drawdown as they were, whatever is deposited or withdrawn', () => {
  assert(
    property(tuple(amount, amount, amount), amount, boolean(), ([equity, lost, below], moved, isDeposit) => {
      const before = equityRecord({ equity, dayStart: (equity + lost) as Decimal, peak: (equity + below) as Decimal });
      const flow = (isDeposit ? moved : -((moved * equity) / 10n ** 30n) / 2n) as Decimal;
      const valued = { ...equityAt('1'), equity: (equity + flow) as Decimal };
      const next = nextEquity(before, { valued, transfers: new Map([['ETH', flow]]), fees: NONE, nowMs: DAY_MS });
      if (valued.equity <= 0n || next.peak === d('9'.repeat(20))) return;
      expect(subtract(next.dayStart, next.equity)).toBe(lost);
      // The ratio to the peak is kept, rounded up by less than one step.
      expect(next.peak * equity - before.peak * valued.equity).toBeGreaterThanOrEqual(0n);
      expect(next.peak * equity - before.peak * valued.equity).toBeLessThan(equity);
    }),
  );
});

it('never lowers the peak without a transfer, and never goes back a day', () => {
  assert(
    property(amount, amount, integer({ min: -3, max: 3 }), (equity, peak, days) => {
      const before = equityRecord({ equity, peak });
      const nowMs = DAY_MS + days * 86_400_000;
      const next = nextEquity(before, { valued: { ...equityAt('1'), equity }, transfers: NONE, fees: NONE, nowMs });
      expect(next.peak).toBe(peak > equity ? peak : equity);
      expect(next.dayMs).toBe(Math.max(DAY_MS, utcDayOf(nowMs)));
      expect(next.dayStart).toBe(days > 0 ? equity : before.dayStart);
    }),
  );
});
