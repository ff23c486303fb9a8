import { expect, it } from 'vitest';
import { stackObservation, SURROUNDINGS } from '../../../../../test/fixtures/stack-observation.ts';
import { decide } from '../../decide.ts';
import { contestedProblem, driftEvent } from './drift.ts';

const replicas = { kind: 'Deployment', name: 'demo-ws', path: ['spec', 'replicas'], managers: ['keda', 'hpa'] };
const removed = { kind: 'Service', name: 'demo-ws', path: ['spec', 'ports'], managers: [] };

it('names each contested field and its writers, in a fixed order', () => {
  const message =
    'Deployment demo-ws spec.replicas is changed repeatedly by keda, hpa; ' +
    'Service demo-ws spec.ports is changed repeatedly by a writer that left no name';
  expect(contestedProblem([removed, replicas])).toEqual({ reason: 'FieldConflict', message });
  expect(contestedProblem([])).toBeUndefined();
});

it('reports a repair as normal, and the one that begins a conflict as a warning', () => {
  expect(driftEvent(replicas, false)).toEqual({
    type: 'Normal',
    reason: 'DriftRepaired',
    action: 'Apply',
    note: 'Deployment demo-ws spec.replicas was changed by keda, hpa, and is restored',
  });
  expect(driftEvent(replicas, true)).toMatchObject({ type: 'Warning', reason: 'FieldConflict' });
});

it('makes a stack Degraded while an object is contested', () => {
  const conditions = decide(stackObservation({ contested: [replicas] }), SURROUNDINGS).status?.conditions;
  expect(conditions?.find(({ type }) => type === 'Degraded')).toMatchObject({
    status: 'True',
    reason: 'FieldConflict',
  });
});
