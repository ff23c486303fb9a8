import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  afterDecision,
  newObjects,
  stackObservation,
  senderReports,
} from '../../../test/fixtures/stack-observation.ts';
import { afterReconciles, decideFor, runningStack } from '../../../test/fixtures/reconciled-stack.ts';
import type { ObservedPod } from './observe/observation.ts';

const running = runningStack();

describe('idempotence', () => {
  const pod = fc.constantFrom<(pod: ObservedPod) => ObservedPod>(
    (it) => it,
    (it) => ({ ...it, ready: false, answer: { kind: 'Silent', message: 'no answer' } }),
    (it) => ({ ...it, deleting: true }),
    (it) => ({ ...it, waiting: { reason: 'ImagePullBackOff', message: 'not found' } }),
    senderReports('active', 3),
    senderReports('activating', 3, 2),
    senderReports('fenced', 1, 5),
  );
  const situations = fc.record({
    spec: fc.record({
      halt: fc.boolean(),
      flatten: fc.boolean(),
      tradingState: fc.constantFrom('Active', 'Reducing', 'Halted'),
      suspend: fc.boolean(),
      rollout: fc.record({ soakSeconds: fc.constantFrom(0, 2) }),
    }),
    pods: fc.array(pod, { minLength: 1, maxLength: 7 }),
    rounds: fc.integer({ min: 0, max: 14 }),
    deleting: fc.boolean(),
    withoutSecret: fc.boolean(),
  });

  it('decides no change once its decision is applied', () => {
    fc.assert(
      fc.property(situations, ({ spec, pods, rounds, deleting, withoutSecret }) => {
        const start = stackObservation({}, spec);
        let index = 0;
        const pick = (it: ObservedPod): ObservedPod => pods[(index += 1) % pods.length]?.(it) ?? it;
        let now = afterReconciles(start, rounds, pick);
        if (withoutSecret) now = { ...now, secrets: new Map([...now.secrets].slice(1)) };
        now = { ...now, stack: { ...now.stack, deleting } };
        for (let step = 0; step < 40; step += 1) now = afterDecision(now, decideFor(now));
        const decision = decideFor(now);
        expect(newObjects(now, decision)).toEqual([]);
        expect(decision.deletions).toEqual([]);
        expect(decision.events).toEqual([]);
        expect(decision.status ?? now.stack.status).toEqual(now.stack.status);
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  it('changes nothing in the status of a running stack as time passes, but the time of observation once a minute', () => {
    const { observedAt = '' } = running.stack.status;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000_000 }), (ms) => {
        const nowMs = running.nowMs + ms;
        const isDue = nowMs - Date.parse(observedAt) >= 60_000;
        expect(decideFor({ ...running, nowMs }).status).toEqual({
          ...running.stack.status,
          observedAt: isDue ? new Date(nowMs).toISOString() : observedAt,
        });
      }),
      { numRuns: 30 },
    );
  });
});
