import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { virtualClock } from '../../test/harness/virtual-clock.ts';
import { createLogger } from '../shared/runtime/logger.ts';
import { createExecutionMetrics } from './metrics.ts';
import { createOutboxRelay } from './outbox-relay.ts';

const HELD = { epoch: 1, holder: 'me' };
const log = createLogger({ name: 'test', level: 'silent' });

/** A relay that is at rest between two passes, with messages that were written since. */
async function relayWith(rows: number, ports: Partial<Parameters<typeof createOutboxRelay>[0]> = {}, flushAfterMs = 0) {
  const clock = virtualClock();
  const waiting: { id: string; stream: string; payload: object; createdMs: number }[] = [];
  const published: string[] = [];
  let loading = 0;
  let most = 0;
  const relay = createOutboxRelay(
    {
      load: async ({ limit }) => {
        loading += 1;
        most = Math.max(most, loading);
        await clock.sleep(150);
        loading -= 1;
        return waiting.slice(0, limit);
      },
      mark: async (ids) => await Promise.resolve(void waiting.splice(0, ids.length)),
      forget: async () => await Promise.resolve(),
      publish: async ({ id = '' }) => {
        published.push(id);
        return await Promise.resolve({ kind: 'ok', id });
      },
      ...ports,
    },
    { clock, log, metrics: createExecutionMetrics(new Registry()), heldFence: () => HELD },
  );
  const ending = new AbortController();
  void relay.run(ending.signal);
  await clock.advance(200);
  for (let id = 1; id <= rows; id += 1)
    waiting.push({ id: String(id), stream: 'fills', payload: {}, createdMs: clock.nowMs() });
  await clock.advance(flushAfterMs);
  const flushed: number[] = [];
  const startMs = clock.nowMs();
  void relay.flush().then(() => flushed.push(clock.nowMs() - startMs));
  return { clock, relay, published, flushed, ending, mostAtOnce: () => most };
}

describe('the outbox relay of a process that stops', () => {
  it('publishes at once what the outbox has', async () => {
    const { clock, published, flushed, ending } = await relayWith(450);
    await clock.advance(500);
    expect([published.length, flushed.length]).toEqual([450, 1]);
    ending.abort();
  });

  it('is given back after a second when Postgres does not answer, and publishes nothing afterwards', async () => {
    const hung = Promise.withResolvers<[]>();
    const { clock, published, flushed, ending } = await relayWith(1, { load: async () => await hung.promise });
    await clock.advance(5_000);
    expect([published, flushed]).toEqual([[], [1_000]]);
    ending.abort();
  });

  it.each([
    ['its own pass works on', 100],
    ['it works on itself', 0],
  ])('leaves the rest of a backlog that %s to the next holder after a second', async (_what, restMs) => {
    const { clock, published, flushed, ending } = await relayWith(100_000, {}, restMs);
    await clock.advance(2_000);
    ending.abort();
    expect(flushed).toEqual([1_000]);
    const before = published.length;
    await clock.advance(10_000);
    expect(published.length).toBeLessThanOrEqual(before + 200);
    expect(published.length).toBeLessThan(4_000);
  });

  it('is given back at once when Redis refuses, or the work fails', async () => {
    for (const ports of [
      { publish: async () => await Promise.resolve({ kind: 'refused', reason: 'Disconnected', message: '' } as const) },
      { load: async () => await Promise.reject(new Error('Postgres is unavailable')) },
    ]) {
      const { clock, flushed, ending } = await relayWith(3, ports);
      await clock.advance(200);
      expect(flushed).toHaveLength(1);
      ending.abort();
    }
  });

  it('reads one batch at a time, also beside its own pass', async () => {
    const { clock, relay, mostAtOnce, published, ending } = await relayWith(3);
    for (let second = 0; second < 10; second += 1) {
      void relay.flush();
      await clock.advance(100);
    }
    expect([mostAtOnce(), published]).toEqual([1, ['1-0', '2-0', '3-0']]);
    ending.abort();
  });
});
