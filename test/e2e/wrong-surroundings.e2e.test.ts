import { afterEach, expect, inject, test } from 'vitest';
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
  await kubectl.run('-n', namespace, 'delete', 'tradingstack', '--all', '--timeout=28s');
  await kubectl.run('-n', namespace, 'delete', 'secret', 'keys', 'platform-migrations', '--ignore-not-found');
});

/** What `kubectl get tradingstack -o wide` shows as blocking, once it says `wanted`. */
async function blockedBy(wanted: RegExp): Promise<string> {
  return await until(
    `blockedBy ${wanted}`,
    async () => {
      const { items } = await kubectl.json<{ items: readonly StackView[] }>('-n', namespace, 'get', 'tradingstack');
      const text = items[0]?.status?.blockedBy ?? '';
      if (!wanted.test(text)) throw new Error(`it says "${text}"`);
      return text;
    },
    { withinMs: 120_000 },
  );
}

async function applyStack(change: Readonly<Record<string, unknown>> = {}, of = image): Promise<void> {
  await kubectl.apply(sampleStack({ name: 'wrong', namespace, image: of, change }));
}

async function platformSecret(): Promise<void> {
  const stringData = { 'postgres-password': 'wrong' };
  await kubectl.apply({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'platform-migrations', namespace },
    stringData,
  });
}

test('without the platform chart: the Secret that is missing, and what to do', async () => {
  await applyStack();
  const text = await blockedBy(/SecretMissing/);
  expect(text).toContain('platform-migrations');
  expect(text).toMatch(/charts\/platform/);
});

test('credentials that are not there: the Secret, its field and the remedy', async () => {
  await platformSecret();
  await applyStack({ venue: { credentials: { secretName: 'mexc' } } });
  const text = await blockedBy(/SecretMissing.*mexc/);
  expect(text).toMatch(/apiKey/);
});

test('an unreachable Postgres: host, port and what it answered', async () => {
  await platformSecret();
  await applyStack({ postgres: { host: 'nowhere', port: 5433 } });
  expect(await blockedBy(/nowhere/)).toMatch(/migrations/);
});

test('an image that cannot be pulled: its name', async () => {
  await platformSecret();
  await applyStack({}, '127.0.0.1:1/nothing:1');
  expect(await blockedBy(/ImagePullBackOff|ErrImagePull/)).toContain('127.0.0.1:1/nothing:1');
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
