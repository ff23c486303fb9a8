import { expect, it } from 'vitest';
import { withSpec } from '../../../test/fixtures/decided-status.ts';
import { decideFor, runningStack } from '../../../test/fixtures/reconciled-stack.ts';
import { CONTROL_SECRET } from '../../api/v1alpha1/labels.ts';
import type { Observation } from './observe/observation.ts';

const running = runningStack();

function withoutSecrets(observation: Observation, ...names: readonly string[]): Observation {
  return { ...observation, secrets: new Map([...observation.secrets].filter(([name]) => !names.includes(name))) };
}

const secretsIn = (observation: Observation): readonly (string | undefined)[] =>
  decideFor(observation)
    .objects.filter(({ kind }) => kind === 'Secret')
    .map(({ metadata }) => metadata?.name);

it.each<[string, Observation]>([
  ['the stack is suspended', withSpec(running, { suspend: true })],
  ['the spec cannot be read', withSpec(running, { strategies: 'none' })],
  ['other Secrets are missing', withoutSecrets(running, 'platform-db-writer')],
])('creates a deleted control Secret again although %s', (_what, observation) => {
  expect(secretsIn(withoutSecrets(observation, CONTROL_SECRET))).toContain(CONTROL_SECRET);
});

it.each<[string, Observation]>([
  ['that exists', withSpec(running, { suspend: true })],
  ['in a namespace of another stack', { ...withoutSecrets(running, CONTROL_SECRET), takenBy: 'other' }],
  [
    'of a suspended stack that was never rolled out',
    {
      ...withoutSecrets(withSpec(running, { suspend: true }), CONTROL_SECRET),
      stack: { ...withSpec(running, { suspend: true }).stack, finalizers: [] },
    },
  ],
])('creates no control Secret %s', (_what, observation) => {
  expect(secretsIn(observation)).toEqual([]);
});
