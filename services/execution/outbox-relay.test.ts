import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { virtualClock } from '../../test/harness/virtual-clock.ts';
import type { Publication, PublishResult } from '../shared/redis/publisher.ts';
import { createLogger } from '../shared/runtime/logger.ts';
import { createExecutionMetrics } from './metrics.ts';
import { createOutboxRelay } from './outbox-relay.ts';

const log = createLogger({ name: 'test', level: 'silent' });

/** Runs the relay over `rows` messages, with an answer of Redis per entry, for one second unless told otherwise. */
async function relayed(rows: number, answer: (entry: Publication) => PublishResult, forMs = 1_000) {
  const clock = virtualClock();
  const metrics = createExecutionMetrics(new Registry());
  const waiting = Array.from({ length: rows }, (_, index) => ({
    id: String(index + 1),
    stream: 'fills',
    payload: { n: index },
    createdMs: clock.nowMs(),
  }));
  const published: string[] = [];
  const marked: string[] = [];
  const relay = createOutboxRelay(
    {
      load: async (limit) => await Promise.resolve(waiting.slice(0, limit)),
      mark: async (ids) => {
        marked.push(...ids);
        waiting.splice(0, ids.length);
        await Promise.resolve();
      },
      forget: async () => await Promise.resolve(),
      publish: async (entry) => {
        published.push(entry.id ?? '');
        return await Promise.resolve(answer(entry));
      },
    },
    { clock, log, metrics },
  );
  const ending = new AbortController();
  const running = relay.run(ending.signal);
  await clock.advance(forMs);
  ending.abort();
  await running;
  const repeats = (await metrics.outboxRepeats.get()).values.map(({ labels, value }) => [labels.kind, value]);
  return { published, marked, repeats, check: relay.check() };
}

describe('the outbox relay', () => {
  it('publishes all in their order, under the ids of the rows', async () => {
    const { published, marked } = await relayed(450, ({ id = '' }) => ({ kind: 'ok', id }));
    expect(published.slice(0, 2)).toEqual(['1-0', '2-0']);
    expect(marked).toEqual(Array.from({ length: 450 }, (_, index) => String(index + 1)));
  });

  it.each<[string, string, PublishResult]>([
    ['is there already', 'Duplicate', { kind: 'duplicate', id: '1-0' }],
    ['was there and has been trimmed', 'IdNotAbove', { kind: 'refused', reason: 'IdNotAbove', message: '' }],
  ])('takes what %s for published, and counts it', async (_what, kind, result) => {
    const { marked, repeats } = await relayed(3, () => result);
    expect(marked).toEqual(['1', '2', '3']);
    expect(repeats).toEqual([[kind, 3]]);
  });

  it.each<[string, PublishResult]>([
    ['is away', { kind: 'refused', reason: 'Disconnected', message: '' }],
    ['is full', { kind: 'refused', reason: 'Full', message: '' }],
    ['lost the reply', { kind: 'unknown', message: '' }],
  ])('tries the same again while Redis %s', async (_what, result) => {
    const { published, marked } = await relayed(2, () => result);
    expect(marked).toEqual([]);
    expect(published.filter((id) => id === '1-0').length).toBeGreaterThan(2);
  });

  it('lets nothing overtake a message that was not published', async () => {
    const { marked, published } = await relayed(3, ({ id = '' }) =>
      id === '2-0' ? { kind: 'unknown', message: '' } : { kind: 'ok', id },
    );
    expect(marked).toEqual(['1']);
    expect(published).not.toContain('3-0');
  });

  it('does not take a refused message for published because its follower was accepted', async () => {
    const stream: string[] = [];
    let full = true;
    const { marked, repeats } = await relayed(2, ({ id = '' }) => {
      if (full) {
        full = false;
        return { kind: 'refused', reason: 'Full', message: '' };
      }
      if (stream.some((there) => there >= id)) return { kind: 'refused', reason: 'IdNotAbove', message: '' };
      stream.push(id);
      return { kind: 'ok', id };
    });
    expect(stream).toEqual(['1-0', '2-0']);
    expect(marked).toEqual(['1', '2']);
    expect(repeats).toEqual([]);
  });

  it('is behind once the oldest message has waited for more than half a minute', async () => {
    const away: PublishResult = { kind: 'refused', reason: 'Disconnected', message: '' };
    expect((await relayed(2, () => away, 30_000)).check.ok).toBe(true);
    expect((await relayed(2, () => away, 30_001)).check).toMatchObject({ ok: false, reason: 'OutboxBehind' });
    expect((await relayed(2, ({ id = '' }) => ({ kind: 'ok', id }), 60_000)).check.ok).toBe(true);
  });
});
