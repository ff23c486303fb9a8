import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { dockerAnswers } from '../choose-cluster.ts';
import type { Cluster } from '../cluster.ts';
import type { ClusterPaths } from '../cluster-paths.ts';
import { makeDirectories } from '../cluster-paths.ts';
import { ClusterError } from '../cluster-error.ts';
import type { ClusterConfig } from '../config.ts';
import { kind as kindComponent } from '../embedded/components.ts';
import { buildProgram, findPrograms } from '../find-programs.ts';
import { runCommand, succeeds } from '../process/run-command.ts';
import type { Progress } from '../process/step.ts';
import { renderHosts, renderKind } from './kind-configuration.ts';

export interface KindOptions {
  readonly config: ClusterConfig;
  readonly paths: ClusterPaths;
  readonly progress: Progress;
}

const clusterName = 'tradingstack';
const registryName = 'tradingstack-registry';
const registryImage = 'registry:3@sha256:1be55279f18a2fe1a74edf2664cac61c1bea305b7b4642dab412e7affdcb3e33';

/** On every image that is built for this cluster, so that `purge` finds them. */
export const builtImageLabel = 'tradingstack.dev/local-cluster';

/** A one-node cluster of kind with a registry beside it, reached under the same name from here and from the node. */
export async function kindUp({ config, paths, progress }: KindOptions): Promise<Cluster> {
  await requireDocker();
  const kubeconfig = paths.kindKubeconfig;
  makeDirectories([dirname(kubeconfig)]);
  const registry = `127.0.0.1:${config.ports.registry}`;
  const kind = await kindProgram({ config, paths, progress });
  const { kubectl, helm } = await findPrograms(paths, progress);
  // kind writes the kubeconfig last: nodes without one are what an interrupted start left, and will never be ready.
  const isThere = (await kindNodes()).length > 0;
  if (!isThere || !existsSync(kubeconfig)) {
    await progress.step('create the kind cluster', async ({ logFile }) => {
      if (isThere) await runCommand(kind, ['delete', 'cluster', '--name', clusterName], { logFile });
      rmSync(kubeconfig, { force: true });
      const create = ['create', 'cluster', '--name', clusterName, '--kubeconfig', kubeconfig];
      await runCommand(kind, [...create, '--config', '-', '--wait', '120s'], { input: renderKind(), logFile });
    });
  }
  await progress.step('nodes and registry', async ({ logFile }) => {
    await startNodes(logFile);
    await ensureRegistry(registry, logFile);
    for (const node of await kindNodes()) await pointAtRegistry(node, registry, logFile);
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
  };
}

/** Stops the containers; what the cluster holds stays. */
export async function kindDown({ progress }: KindOptions): Promise<void> {
  if (!(await dockerAnswers())) {
    progress.say('  docker does not answer, so the kind cluster is not running');
    return;
  }
  const containers = await kindContainers();
  if (containers.length === 0) {
    progress.say('  no kind cluster exists');
    return;
  }
  await progress.step('stop the kind cluster', ({ logFile }) =>
    runCommand('docker', ['stop', ...containers], { logFile }),
  );
}

/** Deletes the cluster, its registry, the images that were built for it, and its kubeconfig. */
export async function kindPurge({ paths, progress }: KindOptions): Promise<void> {
  await requireDocker();
  await progress.step('delete the kind cluster', async ({ logFile }) => {
    const containers = await kindContainers();
    if (containers.length > 0) await runCommand('docker', ['rm', '--force', '--volumes', ...containers], { logFile });
    const built = await lines('docker', [
      'image',
      'ls',
      '--quiet',
      '--no-trunc',
      '--filter',
      `label=${builtImageLabel}`,
    ]);
    if (built.length > 0) await runCommand('docker', ['image', 'rm', '--force', ...new Set(built)], { logFile });
  });
  rmSync(dirname(paths.kindKubeconfig), { recursive: true, force: true });
}

/** Whether docker answers, and the names of the cluster's nodes; there is no cluster where there is none. */
export async function kindStatus(): Promise<{ docker: boolean; nodes: string[] }> {
  const docker = await dockerAnswers();
  return { docker, nodes: docker ? await kindNodes() : [] };
}

/**
 * The names of the cluster's containers, running or not: its nodes and its registry. None where docker does not answer.
 */
export async function kindContainers(): Promise<string[]> {
  if (!(await dockerAnswers())) return [];
  const registry = await succeeds('docker', ['inspect', registryName]);
  return [...(await kindNodes()), ...(registry ? [registryName] : [])];
}

/** Writes every log of the node into `folder`. */
export async function kindLogs(options: KindOptions, folder: string): Promise<void> {
  await runCommand(await kindProgram(options), ['export', 'logs', folder, '--name', clusterName]);
}

async function kindProgram({ paths, progress }: KindOptions): Promise<string> {
  return (await succeeds('kind', ['version'])) ? 'kind' : buildProgram('kind', kindComponent, { paths, progress });
}

/** kind's own way to find them (its provider for docker), which needs no kind: asking must not have to build one. */
async function kindNodes(): Promise<string[]> {
  const label = `label=io.x-k8s.kind.cluster=${clusterName}`;
  return lines('docker', ['ps', '--all', '--filter', label, '--format', '{{.Names}}']);
}

async function lines(program: string, args: readonly string[]): Promise<string[]> {
  return (await runCommand(program, args)).split('\n').filter(Boolean);
}

async function requireDocker(): Promise<void> {
  if (await dockerAnswers()) return;
  throw new ClusterError(
    'missing',
    'the kind cluster needs docker, which does not answer: start docker, or choose the other one with --cluster embedded',
  );
}

async function startNodes(logFile: string): Promise<void> {
  const nodes = await kindNodes();
  if (nodes.length === 0) throw new ClusterError('failed', `the kind cluster ${clusterName} has no node`);
  await runCommand('docker', ['start', ...nodes], { logFile });
}

async function ensureRegistry(address: string, logFile: string): Promise<void> {
  if (await succeeds('docker', ['inspect', registryName])) {
    await runCommand('docker', ['start', registryName], { logFile });
  } else {
    const run = ['run', '--detach', '--restart=no', '--publish', `${address}:5000`, '--name', registryName];
    await runCommand('docker', [...run, registryImage], { logFile });
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
