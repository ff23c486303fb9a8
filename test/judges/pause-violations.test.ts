import { describe, expect, it } from 'vitest';
import type { VenueLogEntry } from '../../services/exchange-simulator/core/venue-log-entry.ts';
import type { CallStep } from '../../services/replay/core/call-step.ts';
import { pauseViolations, type Pauses } from './pause-violations.ts';

const HALT_MS = 60_000;
/** A minute after the halt. */
const END_MS = 120_000;
const BOUNDS = { haltMs: HALT_MS, endMs: END_MS, cancelBoundMs: 5_000, silenceBoundMs: 100_000 };

const sent = (at_ms: number, call = 'order', process = 'one'): CallStep => ({
  kind: 'Sent',
  process,
  at_ms,
  call,
  cancels: undefined,
});
const cancel = (at_ms: number, cancels = 'a'): CallStep => ({
  ...sent(at_ms, 'cancel'),
  kind: 'Sent',
  call: 'cancel',
  cancels,
});
const pause = (at_ms: number, until_ms: number, banned = false, process = 'one'): CallStep => ({
  kind: 'Paused',
  process,
  at_ms,
  until_ms,
  banned,
});

const judge = (calls: readonly CallStep[], change: Partial<Pauses> = {}) =>
  pauseViolations({ ...BOUNDS, calls, log: [], approvals: [], ...change });

describe('a pause that the venue demanded', () => {
  it.each([
    ['a request in a limit', [pause(100, 2_100), sent(2_099)], ['I15: one sent order 1999 ms into a limit of 2000 ms']],
    ['a request in a ban', [pause(100, 2_100, true), sent(101)], ['I15: one sent order 1 ms into a ban of 2000 ms']],
    ['a cancellation in a ban', [pause(0, 9, true), cancel(5)], ['I15: one sent cancel 5 ms into a ban of 9 ms']],
    [
      'a request after a shorter pause in a longer one',
      [pause(0, 5_000), pause(100, 200), sent(300)],
      ['I15: one sent order 300 ms into a limit of 5000 ms'],
    ],
    ['a cancellation in a limit', [pause(100, 2_100), cancel(200)], []],
    ['a request when the pause ends', [pause(100, 2_100), sent(2_100)], []],
    ['a request before the answer', [sent(99), pause(100, 2_100)], []],
    [
      'a request of another process that was there before',
      [sent(99, 'order', 'two'), pause(100, 2_100), sent(200, 'order', 'two')],
      [],
    ],
    [
      'a request of a process that started in a ban',
      [pause(100, 2_100, true), sent(200, 'order', 'two'), sent(300, 'order', 'two')],
      ['I15: two sent order 100 ms into a ban of 2000 ms', 'I15: two sent order 200 ms into a ban of 2000 ms'],
    ],
    [
      'a process that started in a limit after a longer one of another process',
      [pause(0, 5_000), pause(100, 200, false, 'three'), sent(300, 'order', 'two')],
      ['I15: two sent order 300 ms into a limit of 5000 ms'],
    ],
    ['a process that started when a ban had ended', [pause(100, 2_100, true), sent(2_100, 'order', 'two')], []],
    ['a limit that ends before a longer ban', [pause(0, 9, true), pause(1, 5), cancel(9)], []],
  ] as const)('is judged: %s', (_what, calls, found) => {
    expect(judge(calls)).toEqual(found);
  });
});

const amounts = { symbol: 'XRP/ETH', side: 'buy', price: '1', quantity: '10' } as const;
const placed: VenueLogEntry = { seq: 1, kind: 'placed', time: 1_000, clientOrderId: 'a', ...amounts };
const cancelled: VenueLogEntry = { seq: 3, kind: 'cancelled', time: 30_000, clientOrderId: 'a' };
const fillOf = (time: number, quantity: string): VenueLogEntry => ({ ...placed, seq: 2, kind: 'fill', time, quantity });
const approvals = [{ client_order_id: 'a', deadline_ms: 10_000 }];

/** A cancellation every so many milliseconds, from a time to another. */
const repeated = (fromMs: number, toMs: number, everyMs = 5_000): readonly CallStep[] =>
  Array.from({ length: Math.floor((toMs - fromMs) / everyMs) + 1 }, (_, index) => cancel(fromMs + index * everyMs));

describe('an order that has to end', () => {
  const held = (ms: number) => [`I15: no cancellation of a was sent for ${ms} ms in which the venue took requests`];
  it.each<[string, readonly VenueLogEntry[], readonly CallStep[], readonly string[]]>([
    ['is cancelled repeatedly', [placed, cancelled], repeated(15_000, 25_000), []],
    ['is cancelled late', [placed, cancelled], repeated(15_001, 25_001), held(5_001)],
    ['is cancelled, and later than that again', [placed, cancelled], [cancel(11_000), cancel(25_000)], held(14_000)],
    ['is cancelled once', [placed, cancelled], [cancel(11_000)], held(19_000)],
    ['is cancelled once, and ends within the bound', [placed, { ...cancelled, time: 16_000 }], [cancel(11_000)], []],
    ['is cancelled once, and does not end', [placed], [cancel(11_000)], held(END_MS - 11_000)],
    ['is cancelled until the end', [placed], repeated(15_000, END_MS), []],
    ['was cancelled before its deadline, and was not', [placed, cancelled], [cancel(9_999)], held(20_000)],
    ['is not cancelled', [placed], [], held(END_MS - 10_000)],
    ['waits beside one that is cancelled', [placed, cancelled], [cancel(11_000, 'b'), cancel(20_000)], held(10_000)],
    ['ends before it is cancelled', [placed, { ...cancelled, time: 12_000 }], [cancel(20_000)], []],
    ['waits for the end of a ban', [placed, cancelled], [pause(9_000, 26_000, true), cancel(29_000)], []],
    ['is cancelled, then waits for a ban', [placed, cancelled], [cancel(11_000), pause(11_500, 26_500, true)], []],
    ['waits far longer than a ban', [placed, cancelled], [pause(9_000, 12_000, true), cancel(28_000)], held(16_000)],
    [
      'waits for two pauses that overlap',
      [placed, { ...cancelled, time: 25_002 }],
      [pause(9_000, 20_000), pause(12_000, 15_000), cancel(25_001)],
      held(5_001),
    ],
    [
      'waits beside a pause that came later',
      [placed, cancelled],
      [pause(12_000, 20_000), cancel(23_000), cancel(26_000)],
      [],
    ],
    ['is filled before', [placed, fillOf(5_000, '4'), fillOf(12_000, '6')], [], []],
    ['is filled in part', [placed, fillOf(5_000, '4')], repeated(16_000, END_MS), held(6_000)],
  ])('%s', (_what, log, calls, found) => {
    expect(judge(calls, { log, approvals })).toEqual(found);
  });

  it('has to end with the halt, and whoever placed it then may need time for it', () => {
    const late = [{ client_order_id: 'a', deadline_ms: HALT_MS + 50_000 }];
    const halted = (firstMs: number, log: readonly VenueLogEntry[]) =>
      judge(repeated(firstMs, END_MS), { log, approvals: late });
    expect(halted(HALT_MS + 5_001, [placed])).toEqual(held(5_001));
    expect(halted(HALT_MS + 5_000, [placed])).toEqual([]);
    expect(halted(HALT_MS + 8_000, [{ ...placed, time: HALT_MS + 3_000 }])).toEqual([]);
  });
});

describe('silence before the halt', () => {
  const silence = (calls: readonly CallStep[]) => judge(calls, { silenceBoundMs: 10_000 });
  it('is no longer than its bound beside the pauses', () => {
    expect(silence([sent(0), sent(10_000), pause(11_000, 31_000), sent(40_000), sent(50_000)])).toEqual([]);
    expect(silence([sent(0), pause(1_000, 3_000), sent(14_001), sent(24_000), sent(34_000)])).toEqual([
      'I15: no request was sent for 12001 ms in which the venue took requests',
      'I15: no request was sent for 26000 ms in which the venue took requests',
    ]);
  });

  it('is none of what comes after it', () => {
    expect(silence([sent(HALT_MS - 1), sent(HALT_MS + 50_000)])).toEqual([]);
  });
});
