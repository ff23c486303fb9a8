import { describe, expect, it } from 'vitest';
import {
  afterDecision,
  serviceRelease,
  SURROUNDINGS,
  stackContext,
  stackObservation,
} from '../../../../test/fixtures/stack-observation.ts';
import type { PlanStep } from '../../../api/v1alpha1/trading-stack/status.ts';
import { buildDefaultDenyPolicy, buildNetworkPolicy } from '../../../resources/build-network-policy.ts';
import type { ChildObject } from '../../../resources/child-object.ts';
import { decide } from '../decide.ts';
import { refusedStatus } from './refused-status.ts';

it('reports the object and the error of the server, and does not change while the error repeats', () => {
  const observation = stackObservation();
  const { status = {} } = decide(observation, SURROUNDINGS);
  const refused = {
    object: buildDefaultDenyPolicy(stackContext()),
    error: { code: 'Forbidden', message: 'exceeded quota' },
    write: 'Apply' as const,
    transient: false,
  };
  const reported = refusedStatus(status, [refused], observation);
  expect(reported).toMatchObject({
    phase: 'Stalled',
    blockedBy: 'foundation/Applied NetworkPolicy demo-default-deny: ApplyRefused - Forbidden: exceeded quota',
  });
  expect(reported.conditions?.find(({ type }) => type === 'Stalled')).toMatchObject({
    status: 'True',
    reason: 'ApplyRefused',
  });
  const decision = decide(observation, SURROUNDINGS);
  const objects = decision.objects.filter(({ metadata }) => metadata?.name !== refused.object.metadata?.name);
  const later = afterDecision(observation, { ...decision, objects, status: reported });
  expect(refusedStatus(status, [refused], { ...later, nowMs: later.nowMs + 5_000 })).toEqual(reported);
});

it('reports an object of a service at the tier of the service', () => {
  const context = stackContext();
  const observation = stackObservation();
  const object = buildNetworkPolicy(context, serviceRelease(observation, 'ws'));
  const refused = {
    object,
    error: { code: 'Forbidden', message: 'exceeded quota' },
    write: 'Apply' as const,
    transient: false,
  };
  expect(refusedStatus({}, [refused], observation).blockedBy).toBe(
    'data/Applied ws: ApplyRefused - NetworkPolicy demo-ws: Forbidden: exceeded quota',
  );
});

it('reports an API server that is overloaded as a delay, not as a stall, because it passes without a person', () => {
  const observation = stackObservation();
  const { status = {} } = decide(observation, SURROUNDINGS);
  const refusal = {
    object: buildDefaultDenyPolicy(stackContext()),
    error: { code: 'TooManyRequests', message: 'try again' },
    write: 'Apply' as const,
    transient: true,
  };
  const reported = refusedStatus(status, [refusal], observation);
  expect(reported.phase).toBe(status.phase);
  const states = Object.fromEntries((reported.conditions ?? []).map(({ type, status: is }) => [type, is]));
  expect(states).toMatchObject({ Ready: 'False', Reconciling: 'True', Stalled: 'False' });
  expect(reported.blockedBy).toContain('ApplyRefused - TooManyRequests: try again');
});

it('reports a lasting refusal before a passing one, and how many there are', () => {
  const observation = stackObservation();
  const refusal = (service: 'ws' | 'risk', transient: boolean) => ({
    object: buildNetworkPolicy(stackContext(), serviceRelease(observation, service)),
    error: { code: transient ? 'Timeout' : 'Forbidden', message: 'no' },
    write: 'Apply' as const,
    transient,
  });
  const reported = refusedStatus({}, [refusal('ws', true), refusal('risk', false)], observation);
  expect(reported).toMatchObject({ phase: 'Stalled' });
  expect(reported.blockedBy).toBe(
    'risk/Applied risk: ApplyRefused - NetworkPolicy demo-risk: Forbidden: no (and 1 more)',
  );
});

describe('the plan of a status with a refusal', () => {
  const policyOf = (service: 'ws' | 'risk') =>
    buildNetworkPolicy(stackContext(), serviceRelease(stackObservation(), service));
  const refusal = (object: ChildObject, transient = false) => ({
    object,
    error: { code: 'Forbidden', message: 'exceeded quota' },
    write: 'Apply' as const,
    transient,
  });
  const later: PlanStep = { action: 'Tier', tier: 'data', waitingFor: [] };

  it('has the object that was refused again, in the step of its tier', () => {
    const { plan } = refusedStatus({ plan: [later] }, [refusal(policyOf('ws'))], stackObservation());
    expect(plan).toMatchObject([{ ...later, create: ['NetworkPolicy/demo-ws'], waitingFor: [{ what: 'Stalled' }] }]);
    expect(plan?.[0]?.waitingFor[0]?.message).toContain('Forbidden: exceeded quota');
  });

  it('is not empty, although every tier has passed', () => {
    const { plan } = refusedStatus({ plan: [] }, [refusal(policyOf('risk'), true)], stackObservation());
    expect(plan).toMatchObject([{ action: 'Tier', tier: 'risk', waitingFor: [{ what: 'Blocker' }] }]);
    const shared = refusedStatus(
      { plan: [later] },
      [refusal(buildDefaultDenyPolicy(stackContext()))],
      stackObservation(),
    );
    expect(shared.plan?.map(({ action }) => action)).toEqual(['Prepare', 'Tier']);
  });
});
