import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  afterDecision,
  cameUp,
  newObjects,
  SURROUNDINGS,
  stackObservation,
  withRole,
} from '../../../test/fixtures/stack-observation.ts';
import { decide } from './decide.ts';
import type { Decision } from './decision.ts';
import type { Observation, ObservedPod } from './observe/observation.ts';

const decideFor = (observation: Observation): Decision => decide(observation, SURROUNDINGS);

function reconciledTimes(
  observation: Observation,
  count: number,
  pod?: (pod: ObservedPod) => ObservedPod,
): Observation {
  let current = observation;
  for (let index = 0; index < count; index += 1) {
    const next = afterDecision(current, decideFor(current));
    current = { ...cameUp(next, pod), nowMs: next.nowMs + 1_000 };
  }
  return current;
}

const settled = reconciledTimes(stackObservation({}, { rollout: { soakSeconds: 0 } }), 17, withRole('active', 1));

describe('idempotence', () => {
  const pod = fc.constantFrom<(pod: ObservedPod) => ObservedPod>(
    (it) => it,
    (it) => ({ ...it, ready: false, answer: { kind: 'Silent', message: 'no answer' } }),
    (it) => ({ ...it, deleting: true }),
    (it) => ({ ...it, waiting: { reason: 'ImagePullBackOff', message: 'not found' } }),
    withRole('active', 3),
    withRole('activating', 3, 2),
    withRole('fenced', 1, 5),
  );
  const situations = fc.record({
    spec: fc.record({
      halt: fc.boolean(),
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
        let now = reconciledTimes(start, rounds, pick);
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

  it('does not change the status of a running stack as time passes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000_000 }), (ms) => {
        expect(decideFor({ ...settled, nowMs: settled.nowMs + ms }).status).toEqual(settled.stack.status);
      }),
      { numRuns: 30 },
    );
  });
});
