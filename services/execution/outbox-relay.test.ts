import { describe, expect, it } from 'vitest';
import { virtualClock } from '../../test/support/virtual-clock.ts';
import type { Publication, PublishResult } from '../shared/redis/publisher.ts';
import { createLogger } from '../shared/runtime/logger.ts';
import { createOutboxRelay } from './outbox-relay.ts';

const log = createLogger({ name: 'test', level: 'silent' });

/** Runs the relay over `rows` messages, with an answer of Redis per entry, for one second. */
async function relayed(rows: number, answer: (entry: Publication) => PublishResult) {
  const clock = virtualClock();
  const waiting = Array.from({ length: rows }, (_, index) => ({
    id: String(index + 1),
    stream: 'fills',
    payload: { n: index },
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
      publish: async (entries) => {
        published.push(...entries.map(({ id = '' }) => id));
        return await Promise.resolve(entries.map(answer));
      },
    },
    clock,
    log,
  );
  const ending = new AbortController();
  const running = relay.run(ending.signal);
  await clock.advance(1_000);
  ending.abort();
  await running;
  return { published, marked };
}

describe('the outbox relay', () => {
  it('publishes all in their order, under the ids of the rows', async () => {
    const { published, marked } = await relayed(450, ({ id = '' }) => ({ kind: 'ok', id }));
    expect(published.slice(0, 2)).toEqual(['1-0', '2-0']);
    expect(marked).toEqual(Array.from({ length: 450 }, (_, index) => String(index + 1)));
  });

  it.each<[string, PublishResult]>([
    ['is there already', { kind: 'duplicate', id: '1-0' }],
    ['was there and has been trimmed', { kind: 'refused', reason: 'IdNotAbove', message: '' }],
  ])('takes what %s for published', async (_what, result) => {
    expect((await relayed(3, () => result)).marked).toEqual(['1', '2', '3']);
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
    const { marked } = await relayed(3, ({ id = '' }) =>
      id === '2-0' ? { kind: 'unknown', message: '' } : { kind: 'ok', id },
    );
    expect(marked).toEqual(['1']);
  });
});
