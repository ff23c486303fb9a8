import { afterEach, expect, inject, test } from 'vitest';
import { CATALOGUE, platformSecretOf } from '../../services/shared/contracts/catalogue.ts';
import { sampleStack } from '../support/sample-stack.ts';
import { createKubectl } from './kubectl.ts';
import { until } from './until.ts';

const { kubectlOptions, image, strangerNamespace: namespace } = inject('e2e');
const kubectl = createKubectl(kubectlOptions);

interface StackView {
  readonly status?: {
    readonly blockedBy?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message: string }[];
  };
}

afterEach(async () => {
  await kubectl.run('-n', namespace, 'delete', 'tradingstack', '--all', '--wait=false');
  await until('the stacks to be gone', async () =>
    (await kubectl.run('-n', namespace, 'get', 'tradingstack', '-o', 'name')) === '' ? true : undefined,
  );
  await kubectl.run('-n', namespace, 'delete', 'secret', '--all');
});

/** What the condition Ready says, in full, once it says `wanted`; `kubectl get -o wide` shows it, and a short form of it as BLOCKED-BY. */
async function messageOnceItSays(wanted: RegExp): Promise<string> {
  return await until(
    `message ${wanted}`,
    async () => {
      const { blockedBy, message } = await whatItSays();
      if (!wanted.test(message)) throw new Error(`it says "${blockedBy}", "${message}"`);
      process.stdout.write(`${blockedBy}\n  ${message}\n`);
      return message;
    },
    { withinMs: 120_000 },
  );
}

async function whatItSays(): Promise<{ readonly blockedBy: string; readonly message: string }> {
  const { items } = await kubectl.json<{ items: readonly StackView[] }>('-n', namespace, 'get', 'tradingstack');
  const { blockedBy = '', conditions = [] } = items[0]?.status ?? {};
  return { blockedBy, message: conditions.find(({ type }) => type === 'Ready')?.message ?? '' };
}

async function applyStack(change: Readonly<Record<string, unknown>> = {}, of = image): Promise<void> {
  await kubectl.apply(sampleStack({ name: 'wrong', namespace, image: of, change }));
}

/** Everything that the platform chart would have made, with passwords that are wrong. */
async function platformSecrets(): Promise<void> {
  const items = CATALOGUE.map(({ name }) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: platformSecretOf(name), namespace },
    stringData: { 'postgres-password': 'wrong', 'redis-password': 'wrong' },
  }));
  await kubectl.apply({ apiVersion: 'v1', kind: 'List', items });
}

test('without the platform chart: the Secret that is missing, and what to do', async () => {
  await applyStack();
  const text = await messageOnceItSays(/SecretMissing/);
  expect(text).toContain('platform-migrations');
  expect(text).toMatch(/charts\/platform/);
});

test('credentials that are not there: the Secret, its field and the remedy', async () => {
  await platformSecrets();
  await applyStack({ venue: { credentials: { secretName: 'mexc' } } });
  const text = await messageOnceItSays(/SecretMissing.*mexc/);
  expect(text).toMatch(/apiKey/);
});

test('an unreachable Postgres: host, port and what it answered', async () => {
  await platformSecrets();
  await applyStack({ postgres: { host: 'nowhere', port: 5433 } });
  const text = await messageOnceItSays(/nowhere/);
  expect(text).toContain('nowhere:5433');
});

test('an image that cannot be pulled: its name', async () => {
  await platformSecrets();
  await applyStack({}, '127.0.0.1:1/nothing:1');
  expect(await messageOnceItSays(/ImagePullBackOff|ErrImagePull/)).toContain('127.0.0.1:1/nothing:1');
});

test('a second stack in a namespace: which one has it', async () => {
  await applyStack();
  await kubectl.apply(sampleStack({ name: 'zweite', namespace, image }));
  const text = await until('the second one to be refused', async () => {
    const view = await kubectl.json<StackView>('-n', namespace, 'get', 'tradingstack', 'zweite');
    const stalled = view.status?.conditions?.find(({ type, status }) => type === 'Stalled' && status === 'True');
    return stalled?.message;
  });
  expect(text).toContain('wrong');
});
