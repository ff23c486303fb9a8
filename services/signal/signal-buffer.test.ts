import { Registry } from 'prom-client';
import { describe, expect, test } from 'vitest';
import { virtualClock } from '../../test/harness/virtual-clock.ts';
import type { SignalPayload } from '../shared/contracts/messages/signal.ts';
import type { PublishResult } from '../shared/redis/publisher.ts';
import { createSignalMetrics } from './metrics.ts';
import { SignalBuffer } from './signal-buffer.ts';

describe('signal buffer', () => {
  test('publishes signals in order', async () => {
    const { buffer, sent } = setUp(() => 'ok');
    buffer.add([signal('a', 1), signal('b', 1), signal('a', 2)]);
    expect(await buffer.flush()).toBe(true);
    expect(sent).toEqual(['a 1', 'b 1', 'a 2']);
    expect(await buffer.flush()).toBe(false);
  });

  test('keeps only the newest signal of each strategy and symbol while Redis refuses writes', async () => {
    let kind: 'ok' | 'refused' = 'refused';
    const { buffer, sent, clock } = setUp(() => kind);
    buffer.add([signal('a', 1), signal('b', 1), signal('a', 2)]);
    expect(await buffer.flush()).toBe(false);
    expect(buffer.problem).toBe('Disconnected: down');
    buffer.add([signal('b', 3)]);
    kind = 'ok';
    expect(await buffer.flush()).toBe(false);
    await clock.advance(250);
    expect(await buffer.flush()).toBe(true);
    expect(sent.slice(1)).toEqual(['a 2', 'b 1', 'b 3']);
    expect(buffer.problem).toBe('');
  });

  test('does not resend a signal that may have been written', async () => {
    const { buffer, sent, clock } = setUp(() => 'unknown');
    buffer.add([signal('a', 1)]);
    expect(await buffer.flush()).toBe(false);
    await clock.advance(1_000);
    await buffer.flush();
    expect(sent).toEqual(['a 1']);
    expect(buffer.problem).toBe('lost');
  });

  test('bounds the number of waiting signals', async () => {
    const { buffer, sent } = setUp(() => 'ok');
    buffer.add(Array.from({ length: 1_001 }, (_, index) => signal('a', index)));
    await buffer.flush();
    expect(sent).toEqual(['a 1000']);
  });
});

function setUp(kindOf: () => PublishResult['kind']) {
  const clock = virtualClock();
  const sent: string[] = [];
  const publish = async ({ strategy, barClose }: SignalPayload): Promise<PublishResult> => {
    sent.push(`${strategy} ${barClose}`);
    const kind = kindOf();
    if (kind === 'refused') return { kind, reason: 'Disconnected', message: 'down' };
    return kind === 'unknown' ? { kind, message: 'lost' } : { kind, id: '1-1' };
  };
  return { buffer: new SignalBuffer({ publish, clock, metrics: createSignalMetrics(new Registry()) }), sent, clock };
}

function signal(strategy: string, barClose: number): SignalPayload {
  const id = `${strategy}:X/Y:${barClose}`;
  const base = { symbol: 'X/Y', stance: 'Flat', changedAt: 0, referencePrice: '1', release: 'r1' } as const;
  return { ...base, id, strategy, barClose };
}
