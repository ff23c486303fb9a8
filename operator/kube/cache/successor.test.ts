import { expect, it, onTestFinished } from 'vitest';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import { createLogger } from '../../../services/shared/runtime/logger.ts';
import { configMaps } from '../client/builtin-resources.ts';
import type { KubeClient } from '../client/client.ts';
import { createReflector } from './reflector.ts';

/** A reflector over watches that receive nothing and end when the test ends them. */
async function setup() {
  const clock = virtualClock();
  const ends: (() => void)[] = [];
  const client = {
    list: async () => await Promise.resolve({ items: [], resourceVersion: '10' }),
    watch: async function* (_resource: object, { signal }: { readonly signal: AbortSignal }) {
      const { promise, resolve } = Promise.withResolvers<void>();
      ends.push(resolve);
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
      await promise;
      signal.throwIfAborted();
      yield* [];
    },
  } as unknown as KubeClient;
  const log = createLogger({ name: 'test', level: 'silent' });
  const options = { client, resource: configMaps, clock, log, random: () => 0, watchTimeoutMs: 30_000 };
  const reflector = createReflector(options);
  onTestFinished(async () => await reflector.stop());
  reflector.start();
  await expect.poll(() => ends.length).toBe(1);
  return { clock, ends, reflector };
}

it('opens another watch when the one that was opened early ends before its own successor is opened', async () => {
  const { clock, ends } = await setup();
  await clock.advance(20_000);
  expect(ends).toHaveLength(2);
  ends[0]?.();
  await clock.advance(5_000);
  expect(ends).toHaveLength(2);
  ends[1]?.();
  await expect.poll(() => ends.length).toBe(3);
});

/** Between the end of a watch and the next one lie some microtasks; a request may come at any of them. */
const TURNS = 30;

it('ends, or lists again, whenever it is asked to between two watches', async () => {
  for (let turns = 0; turns < TURNS; turns += 1) {
    for (const act of ['stop', 'relist'] as const) {
      const { clock, ends, reflector } = await setup();
      await clock.advance(2_000);
      ends[0]?.();
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      let done = false;
      const asked = act === 'stop' ? reflector.stop() : reflector.relisted(new AbortController().signal);
      void asked.then(() => {
        done = true;
      });
      await expect
        .poll(() => done, { message: `${act} after ${turns} microtasks`, timeout: 4_000, interval: 1 })
        .toBe(true);
    }
  }
});
