import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '../cluster.ts';
import type { ClusterPaths } from '../cluster-paths.ts';
import { makeDirectories } from '../cluster-paths.ts';
import { ClusterError } from '../cluster-error.ts';
import type { ClusterConfig } from '../config.ts';
import { kind as kindComponent } from '../embedded/components.ts';
import { buildProgram, findPrograms } from '../find-programs.ts';
import { runCommand, succeeds } from '../run-command.ts';
import type { Progress } from '../step.ts';
import { renderHosts, renderKind } from './kind-configuration.ts';

export interface KindOptions {
  readonly config: ClusterConfig;
  readonly paths: ClusterPaths;
  readonly progress: Progress;
}

const clusterName = 'tradingstack';
const registryName = 'tradingstack-registry';

/** A one-node cluster of kind with a registry beside it, reached under the same name from here and from the node. */
export async function kindUp({ config, paths, progress }: KindOptions): Promise<Cluster> {
  makeDirectories([paths.state]);
  const kubeconfig = join(paths.state, 'kind-kubeconfig');
  const registry = `127.0.0.1:${config.ports.registry}`;
  const kind = await kindProgram({ config, paths, progress });
  const { kubectl, helm } = await findPrograms(paths, progress);
  // kind writes the kubeconfig last: nodes without one are what an interrupted start left, and will never be ready.
  const isThere = (await kindClusters(kind)).includes(clusterName);
  if (!isThere || !existsSync(kubeconfig)) {
    await progress.step('create the kind cluster', async ({ logFile }) => {
      if (isThere) await runCommand(kind, ['delete', 'cluster', '--name', clusterName], { logFile });
      rmSync(kubeconfig, { force: true });
      const create = ['create', 'cluster', '--name', clusterName, '--kubeconfig', kubeconfig];
      await runCommand(kind, [...create, '--config', '-', '--wait', '120s'], { input: renderKind(), logFile });
    });
  }
  await progress.step('nodes and registry', async ({ logFile }) => {
    await startNodes(kind, logFile);
    await ensureRegistry(registry, logFile);
    for (const node of await nodesOf(kind)) await pointAtRegistry(node, registry, logFile);
    writeFileSync(kubeconfig, await runCommand(kind, ['get', 'kubeconfig', '--name', clusterName]), { mode: 0o600 });
    await waitForNodes(kubectl, kubeconfig, logFile);
  });
  return {
    kind: 'kind',
    kubeconfig,
    context: `kind-${clusterName}`,
    registry,
    pullRegistry: registry,
    kubectl,
    helm,
    images: { base: undefined, redis: undefined, postgres: undefined },
    auditLog: undefined,
  };
}

/** Stops the containers; what the cluster holds stays. */
export async function kindDown(options: KindOptions): Promise<void> {
  const kind = await kindProgram(options);
  await options.progress.step('stop the kind cluster', async ({ logFile }) => {
    const nodes = await nodesOf(kind);
    if (nodes.length > 0) await runCommand('docker', ['stop', ...nodes], { logFile });
    if (await succeeds('docker', ['inspect', registryName]))
      await runCommand('docker', ['stop', registryName], { logFile });
  });
}

/** Deletes the cluster, its registry and its kubeconfig. */
export async function kindPurge(options: KindOptions): Promise<void> {
  const kind = await kindProgram(options);
  await options.progress.step('delete the kind cluster', async ({ logFile }) => {
    await runCommand(kind, ['delete', 'cluster', '--name', clusterName], { logFile });
    if (await succeeds('docker', ['inspect', registryName])) {
      await runCommand('docker', ['rm', '--force', '--volumes', registryName], { logFile });
    }
  });
}

/** Whether the cluster exists, and the names of its nodes. */
export async function kindStatus(options: KindOptions): Promise<{ exists: boolean; nodes: string[] }> {
  const kind = await kindProgram(options);
  return { exists: (await kindClusters(kind)).includes(clusterName), nodes: await nodesOf(kind) };
}

/** Writes every log of the node into `folder`. */
export async function kindLogs(options: KindOptions, folder: string): Promise<void> {
  await runCommand(await kindProgram(options), ['export', 'logs', folder, '--name', clusterName]);
}

async function kindProgram({ paths, progress }: KindOptions): Promise<string> {
  return (await succeeds('kind', ['version'])) ? 'kind' : buildProgram('kind', kindComponent, { paths, progress });
}

async function kindClusters(kind: string): Promise<string[]> {
  return (await runCommand(kind, ['get', 'clusters'])).split('\n').filter(Boolean);
}

async function nodesOf(kind: string): Promise<string[]> {
  return (await runCommand(kind, ['get', 'nodes', '--name', clusterName])).split('\n').filter(Boolean);
}

async function startNodes(kind: string, logFile: string): Promise<void> {
  const nodes = await nodesOf(kind);
  if (nodes.length === 0) throw new ClusterError('failed', `the kind cluster ${clusterName} has no node`);
  await runCommand('docker', ['start', ...nodes], { logFile });
}

async function ensureRegistry(address: string, logFile: string): Promise<void> {
  if (await succeeds('docker', ['inspect', registryName])) {
    await runCommand('docker', ['start', registryName], { logFile });
  } else {
    const run = [
      'run',
      '--detach',
      '--restart=no',
      '--publish',
      `${address}:5000`,
      '--name',
      registryName,
      'registry:3',
    ];
    await runCommand('docker', run, { logFile });
  }
  const networks = await runCommand('docker', [
    'inspect',
    '--format',
    '{{json .NetworkSettings.Networks}}',
    registryName,
  ]);
  if (!('kind' in (JSON.parse(networks) as object)))
    await runCommand('docker', ['network', 'connect', 'kind', registryName], { logFile });
}

async function pointAtRegistry(node: string, registry: string, logFile: string): Promise<void> {
  const folder = `/etc/containerd/certs.d/${registry}`;
  await runCommand('docker', ['exec', node, 'mkdir', '-p', folder], { logFile });
  await runCommand('docker', ['exec', '-i', node, 'cp', '/dev/stdin', `${folder}/hosts.toml`], {
    input: renderHosts(`${registryName}:5000`),
    logFile,
  });
}

async function waitForNodes(kubectl: string, kubeconfig: string, logFile: string): Promise<void> {
  const wait = ['--kubeconfig', kubeconfig, 'wait', 'node', '--all', '--for=condition=Ready', '--timeout=60s'];
  for (let attempt = 0; attempt < 30; attempt += 1) {
    if (await succeeds(kubectl, wait, { logFile })) return;
    await delay(1000);
  }
  throw new ClusterError('failed', 'the nodes of the kind cluster did not become ready', { logFile });
}
