import { describe, expect, it } from 'vitest';
import { dealsChannel, PRIVATE_ORDERS } from '../../../shared/venue/mexc/channels.ts';
import { ListenKeys } from './listen-keys.ts';
import { answerControl, cutReason, type StreamSession } from './stream-session.ts';

const PAIRS = new Set(Array.from({ length: 40 }, (_, index) => `P${index}ETH`));

function session(account?: string): StreamSession {
  return { account, channels: new Set(), openedAtMs: 0, lastFlowAtMs: 0 };
}

describe('a session', () => {
  it('has at most thirty streams, and says which it refused', () => {
    const mine = session('paper');
    const params = [...PAIRS].slice(0, 31).map((pair) => dealsChannel(pair, '100ms'));
    const answer = answerControl(mine, JSON.stringify({ method: 'SUBSCRIPTION', params }), PAIRS);
    expect(answer).toContain(`Not Subscribed successfully! [${params[30]}]`);
    expect(mine.channels.size).toBe(30);
    answerControl(mine, JSON.stringify({ method: 'UNSUBSCRIPTION', params: [params[0]] }), PAIRS);
    expect(answerControl(mine, JSON.stringify({ method: 'subscription', params: [PRIVATE_ORDERS] }), PAIRS)).toContain(
      PRIVATE_ORDERS,
    );
    expect(mine.channels.size).toBe(30);
  });

  it.each([
    ['without a stream for 30 s', { channels: 0, now: 30_000, flow: 29_000 }, 'no subscription within 30 seconds'],
    ['without a stream, younger', { channels: 0, now: 29_999, flow: 0 }, undefined],
    ['silent for 60 s', { channels: 1, now: 90_000, flow: 30_000 }, 'no flow for 60 seconds'],
    ['with a flow', { channels: 1, now: 90_000, flow: 30_001 }, undefined],
    ['a day old', { channels: 1, now: 86_400_000, flow: 86_400_000 }, 'a connection lives for 24 hours'],
  ])('%s', (_what, { channels, now, flow }, reason) => {
    const mine = { ...session(), channels: new Set(['c'].slice(0, channels)), lastFlowAtMs: flow };
    expect(cutReason(mine, now)).toBe(reason);
  });
});

describe('listen keys', () => {
  it('live for an hour unless they are extended, sixty an account', () => {
    let made = 0;
    const keys = new ListenKeys({ createKey: () => `k${(made += 1)}` });
    const hour = 3_600_000;
    expect(keys.create('paper', 0)).toBe('k1');
    expect(keys.accountOf('k1', hour - 1)).toBe('paper');
    expect(keys.extend('paper', 'k1', hour - 1)).toBe(true);
    expect(keys.extend('other', 'k1', hour - 1)).toBe(false);
    expect(keys.accountOf('k1', hour)).toBe('paper');
    expect(keys.accountOf('k1', 2 * hour - 1)).toBeUndefined();
    for (let count = 0; count < 60; count += 1) expect(keys.create('paper', 2 * hour)).toBeDefined();
    expect(keys.create('paper', 2 * hour)).toBeUndefined();
    expect(keys.create('other', 2 * hour)).toBeDefined();
    expect(keys.create('paper', 3 * hour)).toBeDefined();
  });
});
