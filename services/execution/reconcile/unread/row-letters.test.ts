import { beforeEach, describe, expect, it } from 'vitest';
import { approvedOrder } from '../../../../test/fixtures/approved-orders.ts';
import { startMissedFills } from '../../../../test/harness/execution/missed-fills-process.ts';
import { virtualClock, type VirtualClock } from '../../../../test/harness/virtual-clock.ts';
import { ONE, parseDecimal, ZERO } from '../../../shared/domain/decimal.ts';
import type { FillRange } from '../../../shared/domain/orders/fill-page.ts';
import type { Fill } from '../../../shared/domain/orders/fill.ts';
import type { UnreadFill } from '../../../shared/domain/orders/unread-row.ts';
import { intendedOrder } from '../../core/order-record.ts';
import { MemoryExecutionStore } from '../../store/memory/memory-execution-store.ts';

const SYMBOL = 'XRP/ETH';
const MINUTE_MS = 60_000;

describe('the letter of a fill that cannot be read and has no IDs', () => {
  let clock: VirtualClock;
  let store: MemoryExecutionStore;
  let unread: UnreadFill[];
  let listed: Fill[];
  let refused: boolean;

  beforeEach(() => {
    clock = virtualClock();
    store = new MemoryExecutionStore();
    unread = [];
    listed = [];
    refused = false;
  });

  async function start() {
    const isIn = ({ fromMs, toMs = Infinity }: FillRange, timeMs: number): boolean =>
      timeMs >= fromMs && timeMs <= toMs;
    const fills = async (_symbol: string, range: FillRange) => {
      if (refused) return await Promise.resolve({ kind: 'unknown', reason: 'timeout' } as const);
      const inRange = {
        fills: listed.filter(({ time }) => isIn(range, time)),
        unread: unread.filter(({ known: { time = range.fromMs } }) => isIn(range, time)),
        complete: true,
      };
      return await Promise.resolve({ kind: 'ok', value: inRange } as const);
    };
    const { run, ...started } = await startMissedFills({ store, clock, fills });
    const ids = () => started.deadLetters.open.map(({ id }) => id);
    return { ...started, ids, run: async () => await run(SYMBOL) };
  }

  function row(digest: string, known: UnreadFill['known'] = { time: clock.nowMs() }): UnreadFill {
    return { row: '{}', problem: 'orderId', digest, known };
  }

  function ourFill(venueTradeId: string): Fill {
    const order = approvedOrder('ours', { type: 'LIMIT', quantity: parseDecimal('1000') });
    const { clientOrderId } = order;
    const intent = intendedOrder({ order, instrument: undefined, epoch: 1, intendedAtMs: clock.nowMs() });
    if (!store.orders.has(clientOrderId))
      store.orders.set(clientOrderId, { ...intent, state: { kind: 'Open', venueOrderId: 'V1' } });
    const ids = { venueTradeId, venueOrderId: 'V1', clientOrderId, symbol: SYMBOL, feeAsset: 'ETH' };
    return { ...ids, side: 'buy', price: ONE, quantity: ONE, fee: ZERO, maker: false, time: clock.nowMs() };
  }

  it.each([
    ['with its time', true],
    ['without a time', false],
  ])('%s is over when the row can be read, and set apart again when it returns', async (_title, hasTime) => {
    const process = await start();
    unread.push(hasTime ? row('a') : row('a', {}));
    // Without a time, the second reading narrows down how old it is.
    for (let reading = 0; reading < 2; reading += 1) {
      await process.run();
      expect(process.ids()).toEqual(['XRP/ETH row a']);
    }
    const shown = unread.splice(0);
    listed.push(ourFill('T1'));
    expect(await process.run()).toBeUndefined();
    expect([store.fills.all.length, process.ids()]).toEqual([1, []]);
    unread.push(...shown);
    const next = await start();
    await next.run();
    expect(next.ids()).toEqual(['XRP/ETH row a']);
  });

  it('is over in the next process too, beside a fill that was booked in the same reading', async () => {
    const process = await start();
    await clock.advance(10 * MINUTE_MS);
    listed.push(ourFill('T1'));
    unread.push(row('a'));
    await process.run();
    unread.pop();
    const next = await start();
    await next.deadLetters.sync();
    expect(next.ids()).toEqual(['XRP/ETH row a']);
    expect(await next.run()).toBeUndefined();
    expect(next.ids()).toEqual([]);
  });

  it('stays while the list is not read to its end, or begins after it', async () => {
    const process = await start();
    unread.push(row('a'));
    await process.run();
    unread.pop();
    refused = true;
    await process.run();
    expect(process.ids()).toEqual(['XRP/ETH row a']);
    refused = false;
    unread.push(row('a', { time: clock.nowMs() }));
    await clock.advance(10 * MINUTE_MS);
    listed.push(ourFill('T1'));
    // The second one begins behind the row.
    await process.run();
    await process.run();
    unread.pop();
    await process.run();
    await process.run();
    expect(process.ids()).toEqual(['XRP/ETH row a']);
  });

  it('stays behind the beginning of the list when its row had a time in the future', async () => {
    const process = await start();
    unread.push(row('a', { time: clock.nowMs() + 60 * MINUTE_MS }));
    await process.run();
    await clock.advance(20 * MINUTE_MS);
    listed.push(ourFill('T1'));
    await process.run();
    unread.pop();
    await process.run();
    await process.run();
    expect(process.ids()).toEqual(['XRP/ETH row a']);
  });

  it('is replaced when the text of the row changes, however often', async () => {
    const process = await start();
    for (let reading = 0; reading < 1_100; reading += 1) {
      unread.splice(0, 1, row(`d${reading}`));
      expect(await process.run()).toBeUndefined();
      expect(process.ids()).toEqual([`XRP/ETH row d${reading}`]);
    }
  });

  it('is kept of twenty rows, and the rest are counted', async () => {
    const process = await start();
    unread.push(...Array.from({ length: 27 }, (_, index) => row(`d${index}`)));
    await process.run();
    await process.run();
    expect(process.ids()).toHaveLength(21);
    const problemOf = () => process.deadLetters.open.find(({ id }) => id === 'XRP/ETH rows')?.problem;
    expect(problemOf()).toMatch(/^7 more rows of the venue's fills/);
    unread.pop();
    await process.run();
    expect(problemOf()).toMatch(/^6 more rows of the venue's fills/);
    const last = unread.splice(20);
    await process.run();
    expect([process.ids().length, problemOf()]).toEqual([20, undefined]);
    unread.push(...last);
    await process.run();
    expect(problemOf()).toMatch(/^6 more rows of the venue's fills/);
    for (const letter of process.deadLetters.open) store.clearByHand(letter);
    await process.deadLetters.sync();
    await process.run();
    expect(process.ids()).toEqual(Array.from({ length: 6 }, (_, index) => `XRP/ETH row d${index + 20}`));
    unread.length = 0;
    await process.run();
    expect(process.ids()).toEqual([]);
  });

  it('is kept of twenty rows when each reading has others', async () => {
    const process = await start();
    for (let reading = 0; reading < 5; reading += 1) {
      unread = Array.from({ length: 30 }, (_, index) => row(`d${reading}-${index}`));
      expect(await process.run()).toBeUndefined();
      expect(process.ids().length).toBeGreaterThan(0);
      expect(process.ids().length).toBeLessThanOrEqual(21);
    }
  });
});
