import { beforeEach, describe, expect, it } from 'vitest';
import { virtualClock, type VirtualClock } from '../../../test/harness/virtual-clock.ts';
import { ZERO } from '../../shared/domain/decimal.ts';
import type { OrderReport } from '../../shared/domain/orders/order-report.ts';
import type { ListedOrder, UnreadOrder } from '../../shared/domain/orders/unread-row.ts';
import type { VenueReply } from '../../shared/domain/orders/venue-reply.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { OpenOrders } from './open-orders.ts';

const log = createLogger({ name: 'test', level: 'silent' });
let clock: VirtualClock;
/** Queries at the venue: instrument and time since the start. */
let queries: { readonly symbol: string; readonly atMs: number }[];
let answer: (symbol: string) => Promise<VenueReply<readonly ListedOrder[]>>;

beforeEach(() => {
  clock = virtualClock();
  queries = [];
  answer = async () => await Promise.resolve({ kind: 'ok', value: [] });
});

function create(symbols: readonly string[] = ['A/ETH']): OpenOrders {
  const openOrders = async (symbol: string): Promise<VenueReply<readonly ListedOrder[]>> => {
    queries.push({ symbol, atMs: clock.monotonicMs() });
    return await answer(symbol);
  };
  const liveIdOf = (symbol: string, venueOrderId: string): string | undefined =>
    symbol === 'A/ETH' && venueOrderId === 'V7' ? 'tag7' : undefined;
  return new OpenOrders({ venue: { openOrders }, symbols, tag: 'tag', liveIdOf, clock, log });
}

async function runFor(ms: number, openOrders: OpenOrders, settled = true): Promise<void> {
  for (let passedMs = 0; passedMs < ms; passedMs += 100) {
    openOrders.confirm('Granted', () => settled);
    openOrders.askDue();
    await clock.advance(100);
  }
}

const listing = (...ids: readonly string[]) =>
  ({ kind: 'ok', value: ids.map((id) => reportOf(id)) }) satisfies VenueReply<readonly OrderReport[]>;

describe('the list of open orders', () => {
  it('is unknown until the venue has answered for every instrument', async () => {
    const openOrders = create(['A/ETH', 'B/ETH']);
    expect(openOrders.status()).toBeNull();
    await openOrders.list('A/ETH');
    expect(openOrders.status()).toBeNull();
    await openOrders.list('B/ETH');
    expect(openOrders.status()).toEqual({ count: 0, ageMs: 0 });
  });

  it('counts a row that cannot be read when it has the tag of the stack, and is unknown when it names no owner', async () => {
    const rows: UnreadOrder[] = [
      unreadOf({ clientOrderId: 'tag1' }),
      unreadOf({ clientOrderId: 'foreign', side: 'buy' }),
    ];
    answer = async () => await Promise.resolve({ kind: 'ok', value: rows });
    const openOrders = create();
    await openOrders.list('A/ETH');
    expect(openOrders.status()?.count).toBe(1);
    expect(openOrders.listed()).toMatchObject([{ clientOrderId: 'tag1', symbol: 'A/ETH', side: undefined }]);
    rows.push(unreadOf({ venueOrderId: 'V1' }));
    await openOrders.list('A/ETH');
    expect([openOrders.status(), openOrders.listed().length]).toEqual([null, 1]);
    rows.length = 0;
    await openOrders.list('A/ETH');
    expect(openOrders.status()?.count).toBe(0);
  });

  it.each([
    ['is unknown while a row has an empty client ID', { venueOrderId: 'V1', clientOrderId: '' }, null, []],
    [
      "counts a row with the venue's ID of our order",
      { venueOrderId: 'V7', clientOrderId: '' },
      { count: 1 },
      ['tag7'],
    ],
  ])('%s', async (_title, known, status, listed) => {
    answer = async () => await Promise.resolve({ kind: 'ok', value: [unreadOf(known)] });
    const openOrders = create();
    await openOrders.list('A/ETH');
    if (status === null) expect(openOrders.status()).toBeNull();
    else expect(openOrders.status()).toMatchObject(status);
    expect(openOrders.listed().map(({ clientOrderId }) => clientOrderId)).toEqual(listed);
  });

  it('is asked for each second while it has a row that names no owner', async () => {
    answer = async () => await Promise.resolve({ kind: 'ok', value: [unreadOf({})] });
    await runFor(5_000, create());
    expect(queries).toHaveLength(5);
  });

  it('counts the orders with the tag of the stack, and is as old as its oldest query', async () => {
    answer = async (symbol) => {
      await clock.sleep(300);
      return symbol === 'A/ETH' ? listing('tag1', 'foreign', 'tag2', '') : listing('tag3');
    };
    const openOrders = create(['A/ETH', 'B/ETH']);
    for (const symbol of ['A/ETH', 'B/ETH']) {
      void openOrders.list(symbol);
      await clock.advance(400);
    }
    expect(openOrders.status()).toEqual({ count: 3, ageMs: 800 });
    expect(openOrders.listed().map(({ clientOrderId }) => clientOrderId)).toEqual(['tag1', 'tag2', 'tag3']);
  });

  it('keeps the last one, with its age, when the venue does not answer', async () => {
    const openOrders = create();
    answer = async () => await Promise.resolve(listing('tag1'));
    await openOrders.list('A/ETH');
    answer = async () => await Promise.resolve({ kind: 'unknown', reason: 'timeout' });
    await runFor(3_000, openOrders);
    expect(openOrders.status()).toEqual({ count: 1, ageMs: 3_000 });
  });

  it.each([
    ['counts a pair that the venue does not have any more as empty', 'Unlisted', { count: 1, ageMs: 0 }],
    ['is unknown while the venue refuses to list a pair that it has', 'Paused', null],
  ] as const)('%s', async (_title, pair, status) => {
    answer = async (symbol) =>
      await Promise.resolve(
        symbol === 'A/ETH' ? listing('tag1') : { kind: 'rejected', code: '10007', message: 'bad symbol', pair },
      );
    const openOrders = create(['A/ETH', 'B/ETH']);
    await Promise.all([openOrders.list('A/ETH'), openOrders.list('B/ETH')]);
    expect(openOrders.status()).toEqual(status);
  });

  it('is not replaced by an answer to an older query', async () => {
    const openOrders = create();
    const slow = Promise.withResolvers<VenueReply<readonly OrderReport[]>>();
    answer = async () => await slow.promise;
    const older = openOrders.list('A/ETH');
    await clock.advance(100);
    answer = async () => await Promise.resolve(listing());
    await openOrders.list('A/ETH');
    slow.resolve(listing('tag1'));
    await older;
    expect(openOrders.status()).toEqual({ count: 0, ageMs: 0 });
  });
});

describe('during a halt, the list of open orders', () => {
  it('is unknown until the venue was asked after the halt began', async () => {
    answer = async () => {
      await clock.sleep(50);
      return listing();
    };
    const openOrders = create();
    void openOrders.list('A/ETH');
    await clock.advance(60);
    expect(openOrders.status()).toEqual({ count: 0, ageMs: 60 });
    openOrders.confirm('Granted', () => true);
    openOrders.askDue();
    expect(openOrders.status()).toBeNull();
    await clock.advance(60);
    expect(openOrders.status()).toEqual({ count: 0, ageMs: 60 });
  });

  it('is unknown until the venue was asked after the last order had been sent', async () => {
    const openOrders = create();
    await runFor(1_500, openOrders, false);
    expect(openOrders.status()).toBeNull();
    answer = async () => await Promise.resolve(listing('tag1'));
    await runFor(100, openOrders);
    expect(openOrders.status()).toEqual({ count: 1, ageMs: 100 });
  });

  it('starts again with each halt', async () => {
    const openOrders = create();
    await runFor(100, openOrders);
    openOrders.countAll();
    answer = async () => await new Promise<never>(() => {});
    await runFor(100, openOrders);
    expect(openOrders.status()).toBeNull();
    openOrders.countAll();
    expect(openOrders.status()).toEqual({ count: 0, ageMs: 200 });
  });
});

describe('the queries', () => {
  it('are sent each second while an order is open, then each five seconds', async () => {
    let open = ['tag1'];
    answer = async () => await Promise.resolve(listing(...open));
    const openOrders = create();
    await runFor(2_900, openOrders);
    open = [];
    await runFor(7_000, openOrders);
    expect(queries.map(({ atMs }) => atMs)).toEqual([0, 1_000, 2_000, 3_000, 8_000]);
  });

  it('are sent each second while the venue does not answer', async () => {
    const openOrders = create();
    await runFor(100, openOrders);
    answer = async () => await Promise.resolve({ kind: 'unknown', reason: 'timeout' });
    openOrders.expire();
    await runFor(2_500, openOrders);
    expect(queries.map(({ atMs }) => atMs)).toEqual([0, 100, 1_100, 2_100]);
  });

  it('of an instrument that is silent hold back no other, and are not repeated meanwhile', async () => {
    answer = async (symbol) => {
      if (symbol === 'A/ETH') await clock.sleep(10_000);
      return listing('tag1');
    };
    const openOrders = create(['A/ETH', 'B/ETH']);
    await runFor(4_900, openOrders);
    expect(queries.filter(({ symbol }) => symbol === 'A/ETH')).toHaveLength(1);
    expect(queries.filter(({ symbol }) => symbol === 'B/ETH')).toHaveLength(5);
  });
});

function reportOf(clientOrderId: string): OrderReport {
  const amounts = { price: ZERO, quantity: ZERO, executed: ZERO };
  const state = { status: 'New', resting: true, side: 'buy' } as const;
  return { venueOrderId: `V${clientOrderId}`, clientOrderId, symbol: 'A/ETH', ...amounts, ...state };
}

function unreadOf(known: UnreadOrder['known']): UnreadOrder {
  return { row: '{}', problem: 'status', digest: 'abc', known };
}
