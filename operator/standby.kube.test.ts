import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, it, onTestFinished } from 'vitest';
import { sampleStack } from '../test/fixtures/sample-stack.ts';
import { newNamespace, testKubeClient } from '../test/harness/kube/kube-client.ts';
import { startObedientProcess } from '../test/harness/kube/obedient-process.ts';
import { installTradingStackCrd } from '../test/harness/kube/trading-stack-crd.ts';
import { startServiceProcess } from '../test/harness/processes/service-process.ts';
import { until } from '../test/harness/until.ts';
import { CONTROL_SECRET, labelsOf, OPERATOR_NAME } from './api/v1alpha1/labels.ts';
import { readStatus } from './api/v1alpha1/trading-stack/read-status.ts';
import { tradingStacks } from './controllers/caches/stack-caches.ts';
import { leases, pods, secrets } from './kube/client/builtin-resources.ts';

it('sends a halt while another replica holds the lease, and changes nothing', async () => {
  const admin = testKubeClient();
  await installTradingStackCrd(admin);
  const namespace = await newNamespace(admin, 'standby');
  const { ip, received } = await startObedientProcess('execution');
  const renewTime = new Date(Date.now() + 3_600_000).toISOString().replace('Z', '000Z');
  const holder = { holderIdentity: `other-0_${randomUUID()}`, leaseDurationSeconds: 3_600, renewTime };
  const lease = { metadata: { namespace, name: OPERATOR_NAME }, spec: { ...holder, leaseTransitions: 0 } };
  await admin.create(leases, lease);
  const control = { namespace, name: CONTROL_SECRET, labels: labelsOf('demo') };
  const secret = { metadata: control, data: { token: btoa('token') } };
  await admin.create(secrets, secret);
  await admin.create(tradingStacks, sampleStack({ namespace }));
  const labels = labelsOf('demo', 'execution');
  const container = { name: 'execution', image: 'registry.example.com/tradingstack:1.0.0' };
  const pod = { metadata: { namespace, name: 'demo-execution', labels }, spec: { containers: [container] } };
  await admin.create(pods, pod);
  const status = { phase: 'Running', podIP: ip, podIPs: [{ ip }] };
  await admin.mergePatch(pods, pod.metadata, { status }, { status: true });
  const directory = mkdtempSync(join(tmpdir(), 'standby-'));
  const kubeconfig = join(directory, 'kubeconfig');
  writeFileSync(kubeconfig, inject('kubeconfig'), { mode: 0o600 });
  const changes: string[] = [];
  const replica = startServiceProcess({
    main: join(import.meta.dirname, 'main.ts'),
    env: {
      KUBECONFIG: kubeconfig,
      POD_NAME: 'operator-1',
      POD_NAMESPACE: namespace,
      WATCH_NAMESPACES: namespace,
      PORT: '0',
      HOST: '127.0.0.1',
    },
    onLine: ({ msg, leader }) => {
      if (msg === 'leadership changed') changes.push(String(leader));
    },
  });
  onTestFinished(async () => {
    await replica.stop();
    rmSync(directory, { recursive: true, force: true });
    await admin.close();
  });
  await until(() => replica.tail().includes('started'), { what: replica.tail(), withinMs: 20_000 });
  await admin.mergePatch(
    tradingStacks,
    { namespace, name: 'demo' },
    { spec: { halt: true } },
    { fieldManager: 'kubectl' },
  );
  await until(() => received.length > 0, { what: 'the halt', withinMs: 10_000 });
  expect(received).toEqual(['/control/halt Bearer token spec Halted']);
  expect(changes).toEqual([]);
  const after = await admin.get(tradingStacks, { namespace, name: 'demo' });
  expect(readStatus(after.status).observedAt).toBeUndefined();
  expect(after.metadata.finalizers).toBeUndefined();
});
