import { expect, it } from 'vitest';
import {
  afterDecision,
  SURROUNDINGS,
  stackContext,
  stackObservation,
} from '../../../../test/fixtures/stack-observation.ts';
import { defaultDenyPolicy } from '../../../resources/network-policy.ts';
import { decide } from '../decide.ts';
import { refusedStatus } from './refused-status.ts';

it('names the object and what the server said, and changes nothing when it says it again', () => {
  const observation = stackObservation();
  const { status = {} } = decide(observation, SURROUNDINGS);
  const refused = {
    object: defaultDenyPolicy(stackContext()),
    error: { code: 'Forbidden', message: 'exceeded quota' },
  };
  const told = refusedStatus(status, refused, observation);
  expect(told).toMatchObject({
    phase: 'Stalled',
    blockedBy: 'apply/NetworkPolicy demo-default-deny: Forbidden - exceeded quota',
  });
  expect(told.conditions?.find(({ type }) => type === 'Stalled')).toMatchObject({
    status: 'True',
    reason: 'ApplyRefused',
  });
  const later = afterDecision(observation, { ...decide(observation, SURROUNDINGS), status: told });
  expect(refusedStatus(status, refused, { ...later, nowMs: later.nowMs + 5_000 })).toEqual(told);
});
