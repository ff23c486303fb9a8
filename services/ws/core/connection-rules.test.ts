import { describe, expect, test } from 'vitest';
import { decideConnection, type ConnectionView } from './connection-rules.ts';
import { planConnections } from './stream-plan.ts';

const limits = { pingIntervalMs: 15_000, maxConnectionMs: 86_400_000 };
const open: ConnectionView = { phase: 'open', sinceMs: 0, lastInboundMs: 0, lastPingMs: 0 };
const connecting: ConnectionView = { ...open, phase: 'connecting' };

describe('what a connection needs', () => {
  test.each<[string, ConnectionView, number, object]>([
    ['nothing while it connects', connecting, 15_000, { kind: 'None' }],
    ['to be dropped when it never opens', connecting, 15_001, { kind: 'Drop', reason: 'ConnectTimeout' }],
    ['nothing when young', open, 14_999, { kind: 'None' }],
    ['a ping when its time has come', open, 15_000, { kind: 'Ping' }],
    ['a ping after two unanswered ones', { ...open, lastPingMs: 20_000 }, 37_500, { kind: 'Ping' }],
    ['to be dropped when nothing answers', { ...open, lastPingMs: 37_000 }, 37_501, { kind: 'Drop', reason: 'NoPong' }],
    ['nothing ten minutes and a bit before the cut', alive(85_799_999), 85_799_999, { kind: 'None' }],
    ['to be replaced ten minutes before the cut', alive(85_800_000), 85_800_000, { kind: 'Replace' }],
  ])('%s', (_what, view, nowMs, expected) => {
    expect(decideConnection(view, nowMs, limits)).toEqual(expected);
  });

  test('short-lived connections are replaced in their last tenth', () => {
    expect(decideConnection(alive(9_000), 9_000, { ...limits, maxConnectionMs: 10_000 })).toEqual({ kind: 'Replace' });
    expect(decideConnection(alive(8_999), 8_999, { ...limits, maxConnectionMs: 10_000 })).toEqual({ kind: 'None' });
  });
});

describe('plan of connections', () => {
  const symbols = Array.from({ length: 32 }, (_, index) => `S${index}/USDT`);

  test('never more than the limit, both streams of a symbol together, none lost', () => {
    const plan = planConnections(symbols, 30);
    expect(plan.map((streams) => streams.length)).toEqual([30, 30, 4]);
    expect(plan.flat().filter(({ channel }) => channel === 'depth').map(({ symbol }) => symbol)).toEqual(symbols); // prettier-ignore
    for (const streams of plan) {
      const of = (channel: string) => streams.filter((one) => one.channel === channel).map(({ symbol }) => symbol);
      expect(of('trades')).toEqual(of('depth'));
    }
  });

  test('no symbols, no connection', () => {
    expect(planConnections([], 30)).toEqual([]);
  });
});

function alive(nowMs: number): ConnectionView {
  return { ...open, lastInboundMs: nowMs, lastPingMs: nowMs };
}
