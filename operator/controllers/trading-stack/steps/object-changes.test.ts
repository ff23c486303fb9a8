import { expect, it } from 'vitest';
import { stackContext } from '../../../../test/fixtures/stack-observation.ts';
import { APPLIED_ANNOTATION } from '../../../api/v1alpha1/labels.ts';
import { PLAN_NAMES_MAX } from '../../../api/v1alpha1/trading-stack/status.ts';
import { applyIfChanged } from '../../../kube/apply/apply.ts';
import { networkPolicies } from '../../../kube/client/builtin-resources.ts';
import type { KubeObject, Stored } from '../../../kube/client/resource.ts';
import { buildDefaultDenyPolicy } from '../../../resources/build-network-policy.ts';
import type { ObservedChild } from '../observe/observation.ts';
import { listed, missingOrOther, removals } from './object-changes.ts';

const NONE = { objects: [], deletions: [] };
const policy = buildDefaultDenyPolicy(stackContext());
const child = (applied: string, change: Partial<ObservedChild> = {}): ObservedChild => ({
  kind: 'NetworkPolicy',
  name: 'demo-default-deny',
  uid: 'u',
  service: '',
  applied,
  deleting: false,
  ...change,
});

/** The hash that the operator records at an object. */
async function recordedHash(desired: KubeObject): Promise<string> {
  let applied: KubeObject = {};
  const apply = async <T extends KubeObject>(_resource: unknown, object: KubeObject): Promise<Stored<T>> => {
    applied = object;
    return await Promise.resolve(object as Stored<T>);
  };
  await applyIfChanged({
    client: {
      apply,
      removeFields: apply,
      replaceField: apply,
      list: async () => await Promise.resolve({ items: [], resourceVersion: '1' }),
    },
    resource: networkPolicies,
    observed: undefined,
    desired,
    fieldManager: 'test',
    hashAnnotation: APPLIED_ANNOTATION,
  });
  return applied.metadata?.annotations?.[APPLIED_ANNOTATION] ?? '';
}

it('an object is as wanted if its hash is the one that the operator records when it applies it', async () => {
  const applied = await recordedHash(policy);
  expect(applied).toMatch(/^[0-9a-f]{32}$/);
  expect(missingOrOther([policy], [child(applied)], NONE)).toEqual([]);
  const other = await recordedHash(buildDefaultDenyPolicy({ ...stackContext(), uid: 'another' }));
  const change = { kind: 'change', object: 'NetworkPolicy/demo-default-deny', service: '' };
  expect(missingOrOther([policy], [child(other)], NONE)).toEqual([change]);
  // Without the annotation nothing is known of the object.
  expect(missingOrOther([policy], [child('')], NONE)).toEqual([change]);
  expect(missingOrOther([policy, policy], [], NONE)).toEqual([{ ...change, kind: 'create' }]);
});

it('what is written now is no step any more', () => {
  expect(missingOrOther([policy], [], { objects: [policy], deletions: [] })).toEqual([]);
  expect(removals([child(''), child('', { uid: 'v', name: 'w' })], { objects: [], deletions: [child('')] })).toEqual([
    { kind: 'remove', object: 'NetworkPolicy/w', service: '' },
  ]);
});

it('a step lists so many names of each kind of change, and counts the others', () => {
  const many = (kind: 'create' | 'remove', count: number) =>
    Array.from({ length: count }, (_, index) => ({ kind, object: `Secret/${index}`, service: '' }));
  const step = listed([...many('create', PLAN_NAMES_MAX + 2), ...many('remove', PLAN_NAMES_MAX + 1)]);
  expect([step.create?.length, step.change, step.remove?.length, step.unlisted]).toEqual([24, undefined, 24, 3]);
  expect(listed(many('create', 1))).toEqual({ create: ['Secret/0'] });
});
