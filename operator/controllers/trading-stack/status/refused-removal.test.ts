import { expect, it } from 'vitest';
import { stackObservation } from '../../../../test/fixtures/stack-observation.ts';
import { SERVICE_LABEL } from '../../../api/v1alpha1/labels.ts';
import type { PlanStep } from '../../../api/v1alpha1/trading-stack/status.ts';
import { refusedStatus, type RefusedObject } from './refused-status.ts';

const refusal = (write: RefusedObject['write'], service = ''): RefusedObject => ({
  object: { kind: 'Deployment', metadata: { name: 'old', labels: { [SERVICE_LABEL]: service } } },
  write,
  error: { code: 'Forbidden', message: 'no' },
  transient: false,
});
const tier: PlanStep = { action: 'Tier', tier: 'data', remove: ['Service/older'], waitingFor: [] };

it('a removal that is refused is a step of its tier again, or of the clean-up, which comes last', () => {
  const planOf = (service: string) =>
    refusedStatus({ plan: [tier] }, [refusal('Delete', service)], stackObservation()).plan;
  const waitingFor = [{ what: 'Stalled' }];
  expect(planOf('ws')).toMatchObject([{ ...tier, remove: ['Deployment/old', 'Service/older'], waitingFor }]);
  expect(planOf('')).toMatchObject([tier, { action: 'CleanUp', remove: ['Deployment/old'], waitingFor }]);
});

it('a stack that is being deleted stays Terminating, and its teardown names what is refused', () => {
  const observation = stackObservation();
  const deleted = { ...observation, stack: { ...observation.stack, deleting: true } };
  const status = { phase: 'Terminating' as const, plan: [{ action: 'Teardown' as const, waitingFor: [] }] };
  const stopped = refusedStatus(status, [refusal('Scale', 'ws')], deleted);
  expect(stopped).toMatchObject({
    phase: 'Terminating',
    blockedBy: 'data/Applied ws: ApplyRefused - Deployment old not scaled to zero: Forbidden: no',
    plan: [{ action: 'Teardown', waitingFor: [{ what: 'Stalled' }] }],
  });
  const removed = refusedStatus(status, [refusal('Delete', 'ws')], deleted);
  expect(removed.plan).toMatchObject([{ action: 'Teardown', remove: ['Deployment/old'] }]);
});
