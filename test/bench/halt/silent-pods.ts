import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { labelsOf } from '../../../operator/api/v1alpha1/labels.ts';
import { tradingStacks } from '../../../operator/controllers/caches/stack-caches.ts';
import { namespaces, pods } from '../../../operator/kube/client/builtin-resources.ts';
import type { KubeObject } from '../../../operator/kube/client/resource.ts';
import { catalogueRow } from '../../../services/shared/contracts/catalogue.ts';
import { sampleStack } from '../../fixtures/sample-stack.ts';
import type { TradingSystem } from './trading-system.ts';

const STACKS = 20;
const PODS_PER_STACK = 5;

/** Last number of the address of the first pod. */
const FIRST_HOST = 100;

/**
 * Creates stacks that are halted themselves, so that the operator sends a command to each of their pods, too. Their
 * addresses accept connections and stay silent.
 */
export async function placeSilentPods(system: TradingSystem): Promise<() => Promise<void>> {
  const { client } = system;
  const closes: (() => Promise<void>)[] = [];
  const created: SilentPod[] = [];
  for (let number = 0; number < STACKS * PODS_PER_STACK; number += 1) {
    const namespace = `${system.namespace}-s${Math.floor(number / PODS_PER_STACK) + 1}`;
    if (number % PODS_PER_STACK === 0) await createStack(system, namespace);
    const pod = { namespace, name: `silent-execution-${number}`, ip: `${system.subnet}.${FIRST_HOST + number}` };
    closes.push(await startSilence(pod.ip));
    await createPod(system, pod);
    created.push(pod);
  }
  return async () => {
    for (const { namespace, name } of created) await client.delete(pods, { namespace, name });
    for (const namespace of new Set(created.map((pod) => pod.namespace)))
      await client.delete(tradingStacks, { namespace, name: 'silent' });
    for (const close of closes) await close();
  };
}

async function createStack({ client }: TradingSystem, namespace: string): Promise<void> {
  await client.create(namespaces, { metadata: { name: namespace } });
  const change = { suspend: true, halt: true };
  await client.create(tradingStacks, sampleStack({ name: 'silent', namespace, change }));
}

interface SilentPod {
  readonly namespace: string;
  readonly name: string;
  readonly ip: string;
}

async function createPod({ client }: TradingSystem, { namespace, name, ip }: SilentPod): Promise<void> {
  const labels = labelsOf('silent', 'execution');
  const spec = { containers: [{ name: 'execution', image: 'registry.example.com/tradingstack:1.0.0' }] };
  await client.create(pods, { metadata: { namespace, name, labels }, spec } as KubeObject);
  const status = { phase: 'Running', podIP: ip, conditions: [{ type: 'Ready', status: 'True' }] };
  await client.mergePatch(pods, { namespace, name }, { status }, { status: true });
}

async function startSilence(ip: string): Promise<() => Promise<void>> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(catalogueRow('execution').port, ip);
  await once(server, 'listening');
  return async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => void server.close(resolve));
  };
}
