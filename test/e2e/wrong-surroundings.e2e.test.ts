import { afterEach, expect, inject, test } from 'vitest';
import { CATALOGUE, platformSecretOf } from '../../services/shared/contracts/catalogue.ts';
import { sampleStack } from '../fixtures/sample-stack.ts';
import { createKubectl } from './kubectl.ts';
import { waitForReason } from './wait-for-reason.ts';
import { until } from './until.ts';

const { kubectlOptions, image, strangerNamespace: namespace } = inject('e2e');
const kubectl = createKubectl(kubectlOptions);

interface StackView {
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message: string }[];
  };
}

afterEach(async () => {
  await kubectl.run('-n', namespace, 'delete', 'tradingstack', '--all', '--wait=false');
  await until('the stacks to be deleted', async () =>
    (await kubectl.run('-n', namespace, 'get', 'tradingstack', '-o', 'name')) === '' ? true : undefined,
  );
  await kubectl.run('-n', namespace, 'delete', 'secret', '--all');
});

async function applyStack(change: Readonly<Record<string, unknown>> = {}, of = image): Promise<void> {
  await kubectl.apply(sampleStack({ name: 'wrong', namespace, image: of, change }));
}

/** Creates the Secrets that the platform chart would create, with wrong passwords. */
async function platformSecrets(): Promise<void> {
  const items = CATALOGUE.map(({ name }) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: platformSecretOf(name), namespace },
    stringData: { 'postgres-password': 'wrong', 'redis-password': 'wrong' },
  }));
  await kubectl.apply({ apiVersion: 'v1', kind: 'List', items });
}

test('a stack without the platform chart names the missing Secret and the remedy', async () => {
  await applyStack();
  const { message } = await waitForReason(kubectl, namespace, /SecretMissing/);
  expect(message).toContain('platform-migrations');
  expect(message).toMatch(/charts\/platform/);
});

test('a stack with missing credentials names the Secret and its key', async () => {
  await platformSecrets();
  await applyStack({ venue: { credentials: { secretName: 'mexc' } } });
  const { message } = await waitForReason(kubectl, namespace, /SecretMissing.*mexc/);
  expect(message).toMatch(/apiKey/);
});

test('a stack with an unreachable Postgres names the field, host and port', async () => {
  await platformSecrets();
  await applyStack({ postgres: { host: 'nowhere', port: 5433 } });
  const { blockedBy, message } = await waitForReason(kubectl, namespace, /nowhere/);
  for (const text of [blockedBy, message]) expect(text).toContain('Postgres at nowhere:5433 (spec.postgres)');
});

test('a stack whose image cannot be pulled names the image', async () => {
  await platformSecrets();
  await applyStack({}, '127.0.0.1:1/nothing:1');
  const { message } = await waitForReason(kubectl, namespace, /ImagePullBackOff|ErrImagePull/);
  expect(message).toContain('127.0.0.1:1/nothing:1');
});

test('a second stack in a namespace names the first one', async () => {
  await applyStack();
  // Wait until the operator has reconciled it: of two stacks created in the same second, either may get the namespace.
  await waitForReason(kubectl, namespace, /SecretMissing/);
  await kubectl.apply(sampleStack({ name: 'second', namespace, image }));
  const text = await until('the second stack to be Stalled', async () => {
    const view = await kubectl.json<StackView>('-n', namespace, 'get', 'tradingstack', 'second');
    const stalled = view.status?.conditions?.find(({ type, status }) => type === 'Stalled' && status === 'True');
    return stalled?.message;
  });
  expect(text).toContain('wrong');
});
