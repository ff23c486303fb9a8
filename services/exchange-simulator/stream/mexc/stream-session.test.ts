import { describe, expect, it } from 'vitest';
import { dealsChannel, PRIVATE_ORDERS } from '../../../shared/venue/mexc/channels.ts';
import { ListenKeys } from './listen-keys.ts';
import { answerControl, cutReason, type StreamSession } from './stream-session.ts';

const PAIRS = new Set(Array.from({ length: 40 }, (_, index) => `P${index}ETH`));

function session(account?: string): StreamSession {
  return { account, channels: new Set(), openedAtMs: 0, lastFlowAtMs: 0 };
}

describe('answerControl', () => {
  it('allows thirty subscriptions, and names the refused one', () => {
    const own = session('paper');
    const params = [...PAIRS].slice(0, 31).map((pair) => dealsChannel(pair, '100ms'));
    const answer = answerControl(own, JSON.stringify({ method: 'SUBSCRIPTION', params }), PAIRS);
    expect(answer).toContain(`Not Subscribed successfully! [${params[30]}]`);
    expect(own.channels.size).toBe(30);
    answerControl(own, JSON.stringify({ method: 'UNSUBSCRIPTION', params: [params[0]] }), PAIRS);
    expect(answerControl(own, JSON.stringify({ method: 'subscription', params: [PRIVATE_ORDERS] }), PAIRS)).toContain(
      PRIVATE_ORDERS,
    );
    expect(own.channels.size).toBe(30);
  });
});

describe('cutReason', () => {
  it.each([
    [
      'closes a connection without a subscription after 30 s',
      { channels: 0, nowMs: 30_000, flowMs: 29_000 },
      'no subscription within 30 seconds',
    ],
    ['keeps a younger connection without a subscription', { channels: 0, nowMs: 29_999, flowMs: 0 }, undefined],
    [
      'closes a connection that is silent for 60 s',
      { channels: 1, nowMs: 90_000, flowMs: 30_000 },
      'no flow for 60 seconds',
    ],
    ['keeps a connection with recent flow', { channels: 1, nowMs: 90_000, flowMs: 30_001 }, undefined],
    [
      'closes a connection after 24 h',
      { channels: 1, nowMs: 86_400_000, flowMs: 86_400_000 },
      'maximum connection age of 24 hours reached',
    ],
  ])('%s', (_title, { channels, nowMs, flowMs }, reason) => {
    const own = { ...session(), channels: new Set(['c'].slice(0, channels)), lastFlowAtMs: flowMs };
    expect(cutReason(own, nowMs)).toBe(reason);
  });
});

describe('ListenKeys', () => {
  it('expires keys after an hour unless they are extended, and allows sixty per account', () => {
    let created = 0;
    const keys = new ListenKeys({ createKey: () => `k${(created += 1)}` });
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
