import { assert, asyncProperty, constantFrom, array, nat, oneof, record, constant, type Arbitrary } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import { createWorkQueue, type WorkQueue } from './work-queue.ts';

function setup(options = {}) {
  const clock = virtualClock();
  const queue = createWorkQueue({ clock, name: 'test', ...options });
  return { clock, queue };
}

/** Takes all keys that are waiting now. */
async function drain(queue: WorkQueue): Promise<string[]> {
  const taken: string[] = [];
  while (queue.depth() > 0) taken.push((await queue.take())?.key ?? '');
  return taken;
}

describe('order and deduplication', () => {
  it('returns a key once, however often it was added', async () => {
    const { queue } = setup();
    ['a', 'b', 'a', 'a'].forEach((key) => queue.add(key));
    expect(await drain(queue)).toEqual(['a', 'b']);
  });

  it('holds a key that is added while it is processed until it is done', async () => {
    const { queue } = setup();
    queue.add('a');
    await queue.take();
    queue.add('a');
    queue.add('a');
    expect(queue.depth()).toBe(0);
    queue.done('a');
    expect(await drain(queue)).toEqual(['a']);
    queue.done('a');
    expect(queue.depth()).toBe(0);
  });

  it('returns high-priority keys first, and promotes a waiting key', async () => {
    const { queue } = setup();
    ['a', 'b', 'c'].forEach((key) => queue.add(key));
    queue.add('c', 'high');
    queue.add('a', 'normal');
    expect(await drain(queue)).toEqual(['c', 'a', 'b']);
  });

  it('returns each key with the highest priority of its adds', async () => {
    const { queue } = setup();
    queue.add('a', 'high');
    queue.add('a');
    queue.add('b');
    expect([await queue.take(), await queue.take()]).toEqual([
      { key: 'a', priority: 'high' },
      { key: 'b', priority: 'normal' },
    ]);
    const waiting = queue.take();
    queue.add('c', 'high');
    expect(await waiting).toEqual({ key: 'c', priority: 'high' });
  });

  it('returns only urgent keys to a caller that asks for those, and leaves the others to the rest', async () => {
    const { queue } = setup();
    const taken: string[] = [];
    const urgent = queue.take('high').then((first) => taken.push(`urgent ${first?.key ?? ''}`));
    queue.add('a');
    const any = queue.take().then((first) => taken.push(`any ${first?.key ?? ''}`));
    await any;
    expect(taken).toEqual(['any a']);
    const next = queue.take().then((second) => taken.push(`any ${second?.key ?? ''}`));
    queue.add('b', 'high');
    await urgent;
    queue.add('c');
    await next;
    expect(taken).toEqual(['any a', 'urgent b', 'any c']);
  });

  it('keeps the high priority of a key that was added while it was processed', async () => {
    const { queue } = setup();
    queue.add('a');
    await queue.take();
    queue.add('a', 'high');
    queue.add('a');
    queue.add('b');
    queue.done('a');
    expect(await drain(queue)).toEqual(['a', 'b']);
  });
});

describe('delayed adds', () => {
  it('adds a key once, at the earliest of several times', async () => {
    const { clock, queue } = setup();
    queue.addAfter('a', 500);
    queue.addAfter('a', 100);
    queue.addAfter('a', 900);
    await clock.advance(99);
    expect(queue.depth()).toBe(0);
    await clock.advance(1);
    expect(await drain(queue)).toEqual(['a']);
    queue.done('a');
    await clock.advance(2_000);
    expect(queue.depth()).toBe(0);
  });

  it('keeps the highest priority of several delayed adds', async () => {
    const { clock, queue } = setup();
    queue.addAfter('a', 100);
    queue.addAfter('a', 500, 'high');
    queue.addRateLimited('b', 'high');
    queue.addAfter('b', 10);
    await clock.advance(100);
    expect([await queue.take(), await queue.take()]).toEqual([
      { key: 'b', priority: 'high' },
      { key: 'a', priority: 'high' },
    ]);
  });

  it('doubles the wait of a failing key up to the maximum, and resets it on forget', async () => {
    const { clock, queue } = setup({ baseDelayMs: 100, maxDelayMs: 500 });
    const waits: number[] = [];
    for (let attempt = 0; attempt < 5; attempt += 1) {
      queue.addRateLimited('a');
      const startedMs = clock.monotonicMs();
      while (queue.depth() === 0) await clock.advance(50);
      waits.push(clock.monotonicMs() - startedMs);
      queue.done((await queue.take())?.key ?? '');
    }
    expect(waits).toEqual([100, 200, 400, 500, 500]);
    expect(queue.retries('a')).toBe(5);
    queue.forget('a');
    expect(queue.retries('a')).toBe(0);
  });

  it('limits the rate over all keys', async () => {
    const { clock, queue } = setup({ baseDelayMs: 1, ratePerSecond: 10, burst: 5 });
    for (let index = 0; index < 25; index += 1) queue.addRateLimited(`key-${index}`);
    await clock.advance(10);
    expect(queue.depth()).toBe(5);
    await clock.advance(1_000);
    expect(queue.depth()).toBe(15);
    await clock.advance(1_000);
    expect(queue.depth()).toBe(25);
  });
});

it('ends waiting takers and timers on shutDown', async () => {
  const { clock, queue } = setup();
  const taker = queue.take();
  queue.addAfter('a', 100);
  queue.shutDown();
  queue.add('b');
  queue.addAfter('c', 10);
  expect(await taker).toBeUndefined();
  expect(await queue.take()).toBeUndefined();
  expect([clock.sleepers(), queue.depth()]).toEqual([0, 0]);
});

type Step =
  | { readonly kind: 'add' | 'urgent' | 'limited' | 'take' | 'done' | 'forget'; readonly key: string }
  | { readonly kind: 'later'; readonly key: string; readonly ms: number }
  | { readonly kind: 'wait'; readonly ms: number };

const key = constantFrom('a', 'b', 'c');
const steps: Arbitrary<Step[]> = array(
  oneof<[Arbitrary<Step>, Arbitrary<Step>, Arbitrary<Step>]>(
    record({
      kind: constantFrom(
        'add' as const,
        'urgent' as const,
        'limited' as const,
        'take' as const,
        'done' as const,
        'forget' as const,
      ),
      key,
    }),
    record({ kind: constant('later' as const), key, ms: nat(3_000) }),
    record({ kind: constant('wait' as const), ms: nat(2_000) }),
  ),
  { maxLength: 60 },
);

describe('under any sequence of calls', () => {
  it('never gives a key to two workers, and loses no add', async () => {
    await assert(
      asyncProperty(steps, async (script) => {
        const { clock, queue } = setup();
        const held = new Set<string>();
        /** Keys that were added and not taken since. */
        const added = new Set<string>();
        const take = async (): Promise<void> => {
          const taken = (await queue.take())?.key ?? '';
          expect(held.has(taken)).toBe(false);
          held.add(taken);
          added.delete(taken);
        };
        for (const step of script) await perform(step, { clock, queue, held, added, take });
        await clock.advance(600_000);
        for (let round = 0; round < 20 && (added.size > 0 || held.size > 0); round += 1) {
          held.forEach((name) => queue.done(name));
          held.clear();
          while (queue.depth() > 0) await take();
        }
        expect([...added]).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});

interface QueueUnderTest {
  readonly clock: ReturnType<typeof virtualClock>;
  readonly queue: WorkQueue;
  readonly held: Set<string>;
  readonly added: Set<string>;
  readonly take: () => Promise<void>;
}

async function perform(step: Step, { clock, queue, held, added, take }: QueueUnderTest): Promise<void> {
  switch (step.kind) {
    case 'wait':
      return clock.advance(step.ms);
    case 'take':
      return queue.depth() > 0 ? take() : undefined;
    case 'done':
      return held.delete(step.key) ? queue.done(step.key) : undefined;
    case 'forget':
      return queue.forget(step.key);
    default:
      added.add(step.key);
      return addTo(queue, step);
  }
}

function addTo(queue: WorkQueue, step: Extract<Step, { readonly key: string }>): void {
  if (step.kind === 'later') {
    queue.addAfter(step.key, step.ms);
  } else if (step.kind === 'limited') {
    queue.addRateLimited(step.key);
  } else {
    queue.add(step.key, step.kind === 'urgent' ? 'high' : 'normal');
  }
}
