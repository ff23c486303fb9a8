import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { virtualClock } from '../../test/harness/virtual-clock.ts';
import type { Statusz } from '../../services/shared/contracts/statusz.ts';
import { createLogger } from '../../services/shared/runtime/logger.ts';
import type { PodTarget } from './pod-target.ts';
import { createProber } from './prober.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const KEEP_MS = 6_000;
const UIDS = ['a1', 'a2', 'b1', 'b2'] as const;
const IPS = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5'] as const;

type Step =
  | { readonly kind: 'Pods'; readonly pods: readonly PodTarget[] }
  | { readonly kind: 'Advance'; readonly ms: number }
  | { readonly kind: 'Network'; readonly delays: readonly (number | null)[] };

const target = fc.record({
  uid: fc.constantFrom(...UIDS),
  service: fc.constant('ws' as const),
  ip: fc.option(fc.constantFrom(...IPS), { nil: undefined, freq: 8 }),
  ready: fc.boolean(),
});

/** No two pods of a cluster have the same UID, and no two that run have the same address. */
const pods = fc
  .uniqueArray(target, { selector: ({ uid }) => uid, minLength: 1, maxLength: UIDS.length })
  .filter((all) => new Set(all.map(({ uid, ip }) => ip ?? uid)).size === all.length);

/** Milliseconds until each address answers; null if its requests fail. */
const delays = fc.array(fc.option(fc.integer({ min: 0, max: 1_500 })), {
  minLength: IPS.length,
  maxLength: IPS.length,
});

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('Pods' as const), pods }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('Advance' as const), ms: fc.integer({ min: 0, max: 1_500 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('Network' as const), delays }) },
);

/** A cluster whose addresses are reused, and a prober that watches its two stacks. */
function cluster() {
  const clock = virtualClock();
  const changedAt = new Map<string, number>();
  let current: readonly PodTarget[] = [];
  let delays: readonly (number | null)[] = IPS.map(() => 0);

  /** The process answers that has the address when the request arrives. An aborted request is answered all the same. */
  async function getStatusz(url: string): Promise<Statusz> {
    const ip = new URL(url).hostname;
    const incarnation = `${current.find((pod) => pod.ip === ip)?.uid ?? 'gone'}@${ip}`;
    const delayMs = delays[IPS.findIndex((known) => known === ip)] ?? null;
    if (delayMs === null) throw new Error('refused');
    await clock.sleep(delayMs);
    const startedAt = '2026-01-01T00:00:00.000Z';
    return { service: 'ws', release: 'r', incarnation, startedAt, ready: true, checks: [], figures: {} };
  }

  const changes: string[] = [];
  const prober = createProber({ clock, log, getStatusz, onChange: (key) => changes.push(key), concurrency: 3 });

  function setPods(next: readonly PodTarget[]): void {
    for (const uid of UIDS) {
      const [before, after] = [current, next].map((all) => all.find((pod) => pod.uid === uid));
      if (before?.ip !== after?.ip || (before?.ready === true && after?.ready !== true))
        changedAt.set(uid, clock.monotonicMs());
    }
    current = next;
    for (const key of ['a', 'b'])
      prober.watch(
        key,
        next.filter(({ uid }) => uid.startsWith(key)),
      );
  }

  function expectOwnAnswers(): void {
    const answers = prober.answersOf(current);
    for (const { uid, ip } of current) {
      const answer = answers.get(uid);
      if (answer?.kind !== 'Answered') continue;
      expect(answer.statusz.incarnation).toBe(`${uid}@${ip}`);
      expect(answer.ageMs).toBeLessThanOrEqual(Math.min(KEEP_MS, clock.monotonicMs() - (changedAt.get(uid) ?? 0)));
    }
  }

  async function take(next: Step): Promise<void> {
    if (next.kind === 'Pods') setPods(next.pods);
    else if (next.kind === 'Network') ({ delays } = next);
    else await clock.advance(next.ms);
  }

  return { clock, prober, take, expectOwnAnswers, setPods };
}

it('never returns the answer of another pod, of another address, or from before a pod became unready', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
      const { clock, prober, take, expectOwnAnswers, setPods } = cluster();
      for (const next of steps) {
        await take(next);
        expectOwnAnswers();
      }
      setPods([]);
      await clock.advance(2_000);
      expect(clock.sleepers()).toBe(0);
      await prober.stop();
    }),
    { numRuns: 150 },
  );
});
