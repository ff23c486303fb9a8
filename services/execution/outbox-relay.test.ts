import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { virtualClock } from '../../test/harness/virtual-clock.ts';
import type { Publication, PublishResult } from '../shared/redis/publisher.ts';
import { createLogger } from '../shared/runtime/logger.ts';
import type { Fence } from './core/role.ts';
import { createExecutionMetrics } from './metrics.ts';
import { createOutboxRelay } from './outbox-relay.ts';

const HELD = { epoch: 1, holder: 'me' };
const log = createLogger({ name: 'test', level: 'silent' });

/** Runs the relay over `rows` messages for `forMs`. `reply` is the reply of Redis to an entry. */
async function runRelay(
  rows: number,
  reply: (entry: Publication) => PublishResult,
  forMs = 1_000,
  heldFence: () => Fence | undefined = () => HELD,
) {
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
      load: async ({ held, limit }) => await Promise.resolve(held === HELD ? waiting.slice(0, limit) : []),
      mark: async (ids) => {
        marked.push(...ids);
        waiting.splice(0, ids.length);
        await Promise.resolve();
      },
      forget: async () => await Promise.resolve(),
      publish: async (entry) => {
        published.push(entry.id ?? '');
        return await Promise.resolve(reply(entry));
      },
    },
    { clock, log, metrics, heldFence },
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
  it('publishes all messages in order, under the IDs of their rows', async () => {
    const { published, marked } = await runRelay(450, ({ id = '' }) => ({ kind: 'ok', id }));
    expect(published.slice(0, 2)).toEqual(['1-0', '2-0']);
    expect(marked).toEqual(Array.from({ length: 450 }, (_, index) => String(index + 1)));
  });

  it.each<[string, string, PublishResult]>([
    ['has already', 'Duplicate', { kind: 'duplicate', id: '1-0' }],
    ['had and has trimmed', 'IdNotAbove', { kind: 'refused', reason: 'IdNotAbove', message: '' }],
  ])('treats a message that Redis %s as published, and counts the repeat', async (_title, kind, result) => {
    const { marked, repeats } = await runRelay(3, () => result);
    expect(marked).toEqual(['1', '2', '3']);
    expect(repeats).toEqual([[kind, 3]]);
  });

  it.each<[string, PublishResult]>([
    ['is unavailable', { kind: 'refused', reason: 'Disconnected', message: '' }],
    ['is full', { kind: 'refused', reason: 'Full', message: '' }],
    ['loses the reply', { kind: 'unknown', message: '' }],
  ])('retries the same message while Redis %s', async (_title, result) => {
    const { published, marked } = await runRelay(2, () => result);
    expect(marked).toEqual([]);
    expect(published.filter((id) => id === '1-0').length).toBeGreaterThan(2);
  });

  it('publishes no later message before one that was not published', async () => {
    const { marked, published } = await runRelay(3, ({ id = '' }) =>
      id === '2-0' ? { kind: 'unknown', message: '' } : { kind: 'ok', id },
    );
    expect(marked).toEqual(['1']);
    expect(published).not.toContain('3-0');
  });

  it('does not treat a rejected message as published after a later one was accepted', async () => {
    const stream: string[] = [];
    let full = true;
    const { marked, repeats } = await runRelay(2, ({ id = '' }) => {
      if (full) {
        full = false;
        return { kind: 'refused', reason: 'Full', message: '' };
      }
      if (stream.some((last) => last >= id)) return { kind: 'refused', reason: 'IdNotAbove', message: '' };
      stream.push(id);
      return { kind: 'ok', id };
    });
    expect(stream).toEqual(['1-0', '2-0']);
    expect(marked).toEqual(['1', '2']);
    expect(repeats).toEqual([]);
  });

  it('publishes nothing before it is granted the fence, and passes its check', async () => {
    const { published, check } = await runRelay(
      3,
      ({ id = '' }) => ({ kind: 'ok', id }),
      60_000,
      () => undefined,
    );
    expect(published).toEqual([]);
    expect(check.ok).toBe(true);
  });

  it('passes its check when another process holds the fence of the messages that it could not publish', async () => {
    let held = HELD;
    const unavailable: PublishResult = { kind: 'refused', reason: 'Disconnected', message: '' };
    const lose = (): PublishResult => {
      held = { ...HELD };
      return unavailable;
    };
    expect((await runRelay(2, lose, 60_000, () => held)).check.ok).toBe(true);
  });

  it('fails its check when the oldest message has waited for more than 30 s', async () => {
    const unavailable: PublishResult = { kind: 'refused', reason: 'Disconnected', message: '' };
    expect((await runRelay(2, () => unavailable, 30_000)).check.ok).toBe(true);
    expect((await runRelay(2, () => unavailable, 30_001)).check).toMatchObject({ ok: false, reason: 'OutboxBehind' });
    expect((await runRelay(2, ({ id = '' }) => ({ kind: 'ok', id }), 60_000)).check.ok).toBe(true);
  });
});
