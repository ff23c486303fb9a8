import { beforeEach, describe, expect, it } from 'vitest';
import { parseDecimal } from '../../../shared/domain/decimal.ts';
import type { VenueHealth } from '../../../shared/domain/venue-health.ts';
import type { EquityRecord, TrippedBreaker } from '../../core/breakers/breaker.ts';
import type { BreakerLeave, RiskStore } from '../../ports.ts';

/** An empty store, and functions that write to it as execution and people do. */
export interface BreakerStoreSubject {
  readonly store: Pick<RiskStore, 'readAccount' | 'saveEquity' | 'tripBreaker' | 'leaveBreaker' | 'finishReset'>;
  /** Books a transfer that a person requested. */
  readonly bookTransfer: (asset: string, amount: string) => Promise<void>;
  /** Requests a transfer that is not booked. */
  readonly requestTransfer: (asset: string, amount: string) => Promise<void>;
  readonly payFee: (asset: string, amount: string) => Promise<void>;
  /** Records what the sender of an epoch observed of the venue, `ageMs` before NOW. */
  readonly recordVenueHealth: (epoch: number, health: VenueHealth, ageMs: number) => Promise<void>;
  /** Inserts a request to leave the drawdown. Returns its ID. */
  readonly requestReset: (author: string) => Promise<string>;
}

const NOW = 1_800_000_000_123;
const d = parseDecimal;
const equity: EquityRecord = {
  revision: 0,
  currency: 'USDT',
  assets: ['BTC', 'USDT'],
  equity: d('-1.5'),
  dayMs: 1_799_971_200_000,
  dayStart: d('100.000000000000000001'),
  peak: d('120'),
  transfers: new Map([
    ['BTC', d('-0.5')],
    ['USDT', d('20')],
  ]),
  fees: new Map([['MX', d('0.000000000000000001')]]),
  rates: new Map([
    ['BTC', d('99000.5')],
    ['USDT', d('1')],
  ]),
};
const trip: TrippedBreaker = {
  breaker: 'DailyLoss',
  symbol: '',
  threshold: '10',
  detail: 'the loss is 11',
  inputs: { loss: '11', day: '2027-01-15', count: 3, none: null },
  trippedAtMs: NOW,
};
const health: VenueHealth = {
  requests: 50,
  failures: { NoAnswer: 1, NotSent: 2, RateLimited: 3, Banned: 4 },
  timed: 40,
  medianMs: 12.25,
  p95Ms: 60,
  longestPauseMs: 1_500,
};
const leave: BreakerLeave = { ...trip, leftAtMs: NOW + 5, cause: 'NewDay' };

/** Tests what every store of risk keeps of breakers: the one in Postgres and its twin in memory. */
export function breakerStoreContract(name: string, create: () => Promise<BreakerStoreSubject>): void {
  describe(`${name} as a store of breakers`, () => {
    let subject: BreakerStoreSubject;

    beforeEach(async () => {
      subject = await create();
    });

    const account = async () => await subject.store.readAccount(NOW);

    it('has no equity, breaker, reset, transfer or fee at first', async () => {
      const { equityRecord, breakers, breakerResets, bookedTransfers, feesPaid } = await account();
      expect([equityRecord, breakers, breakerResets]).toEqual([undefined, [], []]);
      expect([bookedTransfers.size, feesPaid.size]).toEqual([0, 0]);
    });

    it('keeps the equity exactly, and counts its revisions', async () => {
      expect(await subject.store.saveEquity(equity)).toBe(true);
      expect((await account()).equityRecord).toEqual({ ...equity, revision: 1 });
      const next = {
        ...equity,
        revision: 1,
        currency: 'ETH',
        peak: d('130'),
        transfers: new Map(),
        fees: new Map(),
        rates: new Map(),
      };
      expect(await subject.store.saveEquity(next)).toBe(true);
      expect((await account()).equityRecord).toEqual({ ...next, revision: 2 });
    });

    it('keeps the equity of the first of two processes that read the same one', async () => {
      const both = [subject.store.saveEquity(equity), subject.store.saveEquity({ ...equity, peak: d('999') })];
      expect((await Promise.all(both)).toSorted((a, b) => Number(a) - Number(b))).toEqual([false, true]);
      const { equityRecord } = await account();
      expect(equityRecord?.revision).toBe(1);
      expect(await subject.store.saveEquity({ ...equity, peak: d('7') })).toBe(false);
      expect((await account()).equityRecord).toEqual(equityRecord);
    });

    it('refuses the successor of an equity that does not exist', async () => {
      expect(await subject.store.saveEquity({ ...equity, revision: 4 })).toBe(false);
      expect((await account()).equityRecord).toBeUndefined();
    });

    it('trips a breaker once, with its numbers, until exactly this trip leaves', async () => {
      expect(await subject.store.tripBreaker(trip)).toBe(true);
      expect(await subject.store.tripBreaker({ ...trip, trippedAtMs: NOW + 1, detail: 'later' })).toBe(false);
      expect((await account()).breakers).toEqual([trip]);
      expect(await subject.store.leaveBreaker({ ...leave, trippedAtMs: NOW + 1 })).toBe(false);
      expect((await account()).breakers).toEqual([trip]);
      expect(await subject.store.leaveBreaker(leave)).toBe(true);
      expect(await subject.store.leaveBreaker(leave)).toBe(false);
      expect((await account()).breakers).toEqual([]);
    });

    it('trips again after it left, and is not ended by a late leave of the trip before', async () => {
      await subject.store.tripBreaker(trip);
      await subject.store.leaveBreaker(leave);
      const again = { ...trip, trippedAtMs: NOW + 9, threshold: '20', detail: 'again', inputs: { loss: '21' } };
      expect(await subject.store.tripBreaker(again)).toBe(true);
      expect(await subject.store.leaveBreaker(leave)).toBe(false);
      expect((await account()).breakers).toEqual([again]);
    });

    it('keeps the breakers of instruments apart', async () => {
      const spread = { ...trip, breaker: 'WideSpread', symbol: 'XRP/ETH' } as const;
      for (const one of [spread, { ...spread, symbol: 'BTC/ETH' }, trip]) await subject.store.tripBreaker(one);
      await subject.store.leaveBreaker({ ...leave, ...spread, cause: 'CooledDown' });
      const { breakers } = await account();
      expect(breakers.map(({ breaker, symbol }) => [breaker, symbol])).toEqual([
        ['DailyLoss', ''],
        ['WideSpread', 'BTC/ETH'],
      ]);
    });

    it.each(['VenueErrors', 'VenueLatency', 'VenueBanned'] as const)('keeps the breaker %s', async (breaker) => {
      await subject.store.tripBreaker({ ...trip, breaker });
      expect((await account()).breakers).toEqual([{ ...trip, breaker }]);
    });

    it('has the newest report of execution on the venue, and its age', async () => {
      expect((await account()).venueHealth).toBeUndefined();
      await subject.recordVenueHealth(3, health, 9_000);
      const { ageMs, ...reported } = (await account()).venueHealth ?? {};
      expect(reported).toEqual(health);
      expect(Math.abs((ageMs ?? 0) - 9_000)).toBeLessThan(2_000);
      const silent = { ...health, timed: 0, medianMs: undefined, p95Ms: undefined };
      await subject.recordVenueHealth(3, silent, 0);
      expect((await account()).venueHealth).toMatchObject(silent);
      expect((await account()).venueHealth?.ageMs).toBeLessThan(2_000);
    });

    it('keeps the report of a newer sender', async () => {
      await subject.recordVenueHealth(3, health, 0);
      await subject.recordVenueHealth(2, { ...health, requests: 7 }, 0);
      expect((await account()).venueHealth?.requests).toBe(50);
      await subject.recordVenueHealth(4, { ...health, requests: 8 }, 0);
      expect((await account()).venueHealth?.requests).toBe(8);
    });

    it('returns requests of people until they are fulfilled, oldest first', async () => {
      const first = await subject.requestReset('ada');
      const second = await subject.requestReset('bob');
      expect((await account()).breakerResets.map(({ id, author }) => [id, author])).toEqual([
        [first, 'ada'],
        [second, 'bob'],
      ]);
      await subject.store.finishReset(first);
      await subject.store.finishReset(first);
      expect((await account()).breakerResets.map(({ id }) => id)).toEqual([second]);
    });

    it('sums the booked transfers and the fees by asset', async () => {
      await subject.requestTransfer('ETH', '7');
      await subject.bookTransfer('ETH', '1.5');
      await subject.bookTransfer('ETH', '-0.25');
      await subject.bookTransfer('XRP', '3');
      for (const amount of ['0.001', '0.002']) await subject.payFee('MX', amount);
      await subject.payFee('ETH', '0.5');
      const { bookedTransfers, feesPaid } = await account();
      expect(bookedTransfers.get('ETH')).toBe(d('1.25'));
      expect(bookedTransfers.get('XRP')).toBe(d('3'));
      expect(Object.fromEntries(feesPaid)).toEqual({ MX: d('0.003'), ETH: d('0.5') });
    });
  });
}
