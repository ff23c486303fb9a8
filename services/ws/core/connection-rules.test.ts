import { describe, expect, test } from 'vitest';
import { decideConnection, type ConnectionView } from './connection-rules.ts';
import { planConnections, streamsOf } from './stream-plan.ts';

const limits = { pingIntervalMs: 15_000, maxConnectionMs: 86_400_000 };
const open: ConnectionView = { phase: 'open', sinceMs: 0, lastInboundMs: 0, lastPingMs: 0 };
const connecting: ConnectionView = { ...open, phase: 'connecting' };

describe('connection rules', () => {
  test.each<[string, ConnectionView, number, object]>([
    ['wait while a connection is opening', connecting, 15_000, { kind: 'None' }],
    ['drop a connection that never opens', connecting, 15_001, { kind: 'Drop', reason: 'ConnectTimeout' }],
    ['do nothing before the first ping is due', open, 14_999, { kind: 'None' }],
    ['send a ping when it is due', open, 15_000, { kind: 'Ping' }],
    ['send another ping after two unanswered ones', { ...open, lastPingMs: 20_000 }, 37_500, { kind: 'Ping' }],
    [
      'drop a connection that does not answer',
      { ...open, lastPingMs: 37_000 },
      37_501,
      { kind: 'Drop', reason: 'NoPong' },
    ],
    ['keep a connection 1 ms before the takeover window', alive(85_799_999), 85_799_999, { kind: 'None' }],
    ['replace a connection ten minutes before the cut', alive(85_800_000), 85_800_000, { kind: 'Replace' }],
  ])('%s', (_name, view, nowMs, expected) => {
    expect(decideConnection(view, nowMs, limits)).toEqual(expected);
  });

  test('replace a short-lived connection in the last tenth of its life', () => {
    expect(decideConnection(alive(9_000), 9_000, { ...limits, maxConnectionMs: 10_000 })).toEqual({ kind: 'Replace' });
    expect(decideConnection(alive(8_999), 8_999, { ...limits, maxConnectionMs: 10_000 })).toEqual({ kind: 'None' });
  });
});

describe('connection plan', () => {
  const symbols = Array.from({ length: 32 }, (_, index) => `S${index}/USDT`);

  test('respects the limit and includes every symbol', () => {
    const plan = planConnections([], symbols, 30);
    expect(plan.map((part) => part.length)).toEqual([15, 15, 2]);
    expect(plan.flat()).toEqual(symbols);
    for (const part of plan) expect(part.flatMap(streamsOf).length).toBeLessThanOrEqual(30);
  });

  test('subscribes to both channels of a symbol', () => {
    expect(streamsOf('A/B')).toEqual([
      { channel: 'trades', symbol: 'A/B' },
      { channel: 'depth', symbol: 'A/B' },
    ]);
  });

  test('moves no symbol when others are added, and adds none twice', () => {
    const planned = [['A/X', 'B/X'], ['C/X']];
    expect(planConnections(planned, ['D/X', 'A/X', 'E/X'], 4)).toEqual([['A/X', 'B/X'], ['C/X', 'D/X'], ['E/X']]);
    expect(planned).toEqual([['A/X', 'B/X'], ['C/X']]);
  });

  test('plans no connection without symbols', () => {
    expect(planConnections([], [], 30)).toEqual([]);
  });
});

function alive(nowMs: number): ConnectionView {
  return { ...open, lastInboundMs: nowMs, lastPingMs: nowMs };
}
