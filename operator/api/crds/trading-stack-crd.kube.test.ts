import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostileResources } from '../../../test/e2e/hostile-resources.ts';
import { wrongResources } from '../../../test/e2e/wrong-resources.ts';
import { newNamespace, testKubeClient } from '../../../test/harness/kube/kube-client.ts';
import { sampleStack } from '../../../test/fixtures/sample-stack.ts';
import { installTradingStackCrd } from '../../../test/harness/kube/trading-stack-crd.ts';
import { customResourceDefinitions } from '../../kube/client/builtin-resources.ts';
import type { KubeClient } from '../../kube/client/client.ts';
import { tradingStacks } from '../../controllers/caches/stack-caches.ts';
import { parseSpec } from '../v1alpha1/trading-stack/trading-stack.ts';

let client: KubeClient;
let namespace: string;

beforeAll(async () => {
  client = testKubeClient();
  await installTradingStackCrd(client);
  namespace = await newNamespace(client, 'crd');
});

afterAll(async () => {
  await client.close();
});

it('is established with a structural schema and the printer columns of kubectl', async () => {
  const crd = await client.get(customResourceDefinitions, { name: 'tradingstacks.tradingstack.dev' });
  const conditions = new Map(crd.status?.conditions?.map(({ type, status }) => [type, status]));
  expect(conditions.get('Established')).toBe('True');
  expect(conditions.get('NonStructuralSchema')).not.toBe('True');
  const columns = crd.spec.versions[0]?.additionalPrinterColumns ?? [];
  const shown = columns.filter(({ priority = 0 }) => priority === 0).map(({ name }) => name.toUpperCase());
  expect(shown).toEqual([
    'MODE',
    'PHASE',
    'HALT',
    'READY',
    'ACTIVE',
    'EPOCH',
    'RELEASE',
    'BLOCKED-BY',
    'OBSERVED',
    'AGE',
  ]);
});

it('fills in the defaults of the schema, and the result passes the schema', async () => {
  const stored = await client.create(tradingStacks, sampleStack({ namespace, name: 'defaults' }));
  expect(stored.spec).toMatchObject({ mode: 'Paper', halt: false, redis: { host: 'redis', port: 6_379 } });
  expect(stored.status).toEqual({ phase: 'Pending', blockedBy: 'waiting for the operator' });
  expect(parseSpec(stored.spec)).toEqual({ spec: stored.spec });
});

describe('rejects at admission', () => {
  it.each([...wrongResources().filter(({ strict }) => strict !== true), ...hostileResources()])(
    '$what',
    async ({ resource, says }) => {
      const object = { ...resource, metadata: { ...resource.metadata, namespace } };
      const rejection = client.create(tradingStacks, object).then(
        () => 'accepted',
        (error: unknown) => String(error),
      );
      for (const part of says) expect(await rejection).toContain(part);
    },
  );

  it.each([
    ['changed opening balances', { paper: { balances: { ETH: '11' } } }, 'opening balances are part of the ledger'],
    [
      'an opening balance added later',
      { paper: { balances: { BTC: '1' } } },
      'opening balances are part of the ledger',
    ],
  ])('%s', async (what, spec, message) => {
    const name = `fixed-${what.length}`;
    await client.create(tradingStacks, sampleStack({ namespace, name }));
    await expect(client.mergePatch(tradingStacks, { namespace, name }, { spec })).rejects.toThrow(message);
  });
});
