import { beforeEach, describe, expect, it } from 'vitest';
import { virtualClock, type VirtualClock } from '../../../test/harness/virtual-clock.ts';
import { CancelHistory } from './cancel-history.ts';

const LIMITS = { pace: { count: 1, withinMs: 1_000 }, slots: 4, queued: [] as readonly string[] };
let clock: VirtualClock;
let history: CancelHistory;

beforeEach(() => {
  clock = virtualClock();
  history = new CancelHistory(clock);
});

/** Requests each order so often, one a second, the last of all at the same time. */
async function request(counts: Readonly<Record<string, number>>): Promise<void> {
  const most = Math.max(...Object.values(counts));
  for (let left = most; left > 0; left -= 1) {
    for (const [id, count] of Object.entries(counts)) if (count >= left) history.onRequest(id);
    if (left > 1) await clock.advance(1_000);
  }
}

const orders = (...ids: readonly string[]) => ids.map((clientOrderId) => ({ clientOrderId }));
const repeats = (ids: readonly string[], change: Partial<typeof LIMITS> = {}) =>
  history.paced(orders(...ids), { ...LIMITS, ...change }).map(({ clientOrderId }) => clientOrderId);

describe('the cancellations that are requested again', () => {
  it('are those that were requested, the least often first', async () => {
    await request({ a: 4, b: 2, c: 3 });
    await clock.advance(1_000);
    const pace = { count: 9, withinMs: 1_000 };
    expect(repeats(['new', 'a', 'b', 'c'], { pace })).toEqual(['b', 'c', 'a']);
    expect(history.isFirst({ clientOrderId: 'new' })).toBe(true);
  });

  it('are those first, of many requests, that were requested the longest ago', async () => {
    await request({ a: 9 });
    await clock.advance(1_000);
    await request({ b: 5 });
    await clock.advance(1_000);
    expect(repeats(['b', 'a'])).toEqual(['a']);
    history.onRequest('a');
    await clock.advance(1_000);
    expect(repeats(['b', 'a'])).toEqual(['b']);
  });

  it('are so many a second, not counting the first repeat of an order', async () => {
    await request({ a: 2, b: 2, c: 1, e: 1 });
    await clock.advance(1_000);
    expect(repeats(['a', 'b', 'c', 'e'])).toEqual(['c', 'e', 'a']);
    history.onRequest('a');
    await clock.advance(999);
    history.onRequest('e');
    expect(repeats(['b', 'c'])).toEqual(['c']);
    await clock.advance(1);
    expect(repeats(['b'])).toEqual(['b']);
  });

  it('are none beyond the free slots', async () => {
    await request({ a: 1, b: 1, c: 1, d: 1 });
    expect(repeats(['a', 'b', 'c'], { slots: 2 })).toEqual(['a', 'b']);
    expect(repeats(['a', 'b', 'c'], { slots: 2, queued: ['d', 'new'] })).toEqual(['a']);
  });

  it('are none more while as many wait for their turn', async () => {
    await request({ a: 2, b: 2, c: 1, d: 1 });
    await clock.advance(1_000);
    expect(repeats(['b', 'c'], { queued: ['a'] })).toEqual(['c']);
    expect(repeats(['b', 'c'], { queued: ['d'] })).toEqual(['c', 'b']);
  });

  it('count from the beginning once an order is forgotten', async () => {
    await request({ a: 7 });
    history.forget('a');
    expect([history.ids(), history.lastMs('a'), repeats(['a'])]).toEqual([[], undefined, []]);
  });
});
