import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from '../cluster.ts';
import { makeDirectories } from '../cluster-paths.ts';
import { digestAt } from '../registry.ts';
import type { Progress } from '../process/step.ts';
import { ensureAddons } from './addons.ts';
import { contextName } from './addresses.ts';
import { ensureCertificates } from './certificates.ts';
import { embeddedComponents } from './components.ts';
import { isReady, startApiServer, startControllers } from './control-plane.ts';
import type { EmbeddedSettings } from './embedded-settings.ts';
import { rememberHostFolders } from './host/host-folders.ts';
import {
  coredns,
  imageReference,
  localPathProvisioner,
  nodeBase,
  pause,
  postgres,
  redis,
  shell,
} from './images/image-recipes.ts';
import type { ImageRecipe } from './images/image-recipes.ts';
import { ensureImage } from './images/images.ts';
import { ensureNetwork, networkIsThere } from './host/network.ts';
import { nodeIsReady, startContainerd, startNode } from './node/node.ts';
import { preflight } from './preflight.ts';
import { isProcessRunning, strayProcesses } from './host/processes.ts';
import { startRegistry } from './images/registry-process.ts';
import { ensureToolchain, unbuilt } from './toolchain.ts';

const processNames = [
  'registry',
  'etcd',
  'apiserver',
  'controller-manager',
  'scheduler',
  'containerd',
  'kubelet',
  'kube-proxy',
  'network-policies',
];

/**
 * Starts the embedded cluster. Every step first checks whether its result exists, so this can be called on a running
 * cluster, after a kill at any point, and after `down`.
 */
export async function embeddedUp(settings: EmbeddedSettings, progress: Progress): Promise<Cluster> {
  const running = await runningCluster(settings);
  if (running !== undefined) {
    progress.say('  the embedded cluster is already running');
    return running;
  }
  const { state, paths } = settings;
  await preflight(paths, progress);
  makeDirectories([state]);
  rememberHostFolders(state);
  await ensureToolchain(paths, embeddedComponents, progress);
  for (const pid of strayProcesses(state, paths.toolchain)) process.kill(pid, 'SIGKILL');
  await progress.step('certificates and network', async ({ logFile }) => {
    await ensureCertificates(settings, logFile);
    await ensureNetwork(settings);
  });
  await progress.step('registry, etcd and API server', async () => {
    await Promise.all([startRegistry(settings), startApiServer(settings)]);
  });
  const image = (recipe: ImageRecipe) => ensureImage(settings, recipe, progress);
  await image(pause);
  const addonImages = {
    coredns: await image(coredns),
    localPathProvisioner: await image(localPathProvisioner),
    shell: await image(shell),
  };
  await progress.step('controllers, containerd and kubelet', async () => {
    await startControllers(settings);
    await startContainerd(settings);
    await startNode(settings);
  });
  await progress.step('DNS and volumes', ({ logFile }) => ensureAddons(settings, addonImages, logFile));
  for (const recipe of [base, redis, postgres]) await image(recipe);
  writeFileSync(join(state, 'revision'), revision());
  return describe(settings);
}

/** The cluster, where it is complete and answers. */
export async function runningCluster(settings: EmbeddedSettings): Promise<Cluster | undefined> {
  if (!processNames.every((name) => isProcessRunning(settings.state, name))) return undefined;
  if (readText(join(settings.state, 'revision')) !== revision()) return undefined;
  if (!(await networkIsThere())) return undefined;
  if (!(await isReady(settings)) || !(await nodeIsReady(settings))) return undefined;
  const cluster = await describe(settings);
  return Object.values(cluster.images).includes(undefined) ? undefined : cluster;
}

export interface EmbeddedStatus {
  readonly processes: readonly { readonly name: string; readonly running: boolean }[];
  readonly ready: boolean;
  readonly kubeconfig: string;
  readonly registry: string;
  readonly unbuilt: readonly string[];
  readonly logs: readonly string[];
}

/** What is there and what is not, without changing anything. */
export async function embeddedStatus(settings: EmbeddedSettings): Promise<EmbeddedStatus> {
  const processes = processNames.map((name) => ({ name, running: isProcessRunning(settings.state, name) }));
  const ready = processes.every(({ running }) => running) && (await isReady(settings)) && (await nodeIsReady(settings));
  return {
    processes,
    ready,
    kubeconfig: settings.kubeconfig,
    registry: settings.registry,
    unbuilt: unbuilt(settings.paths, embeddedComponents).map(({ name }) => name),
    logs: listLogs(join(settings.state, 'log')),
  };
}

const base = nodeBase(process.execPath, process.version);

async function describe(settings: EmbeddedSettings): Promise<Cluster> {
  const resolve = async (recipe: ImageRecipe) => {
    const reference = imageReference(settings.registry, recipe);
    const digest = await digestAt(reference);
    return digest === undefined ? undefined : `${reference.slice(0, reference.lastIndexOf(':'))}@${digest}`;
  };
  return {
    kind: 'embedded',
    kubeconfig: settings.kubeconfig,
    context: contextName,
    registry: settings.registry,
    pullRegistry: settings.registry,
    kubectl: join(settings.bin, 'kubectl'),
    helm: join(settings.bin, 'helm'),
    images: { base: await resolve(base), redis: await resolve(redis), postgres: await resolve(postgres) },
  };
}

/** Changes with any file of this folder: a cluster that an older revision brought up is looked through step by step. */
function revision(): string {
  const hash = createHash('sha256');
  const files = readdirSync(import.meta.dirname, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  for (const path of files.map((file) => join(file.parentPath, file.name)).sort())
    hash.update(path).update(readFileSync(path));
  return hash.digest('hex');
}

function readText(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

function listLogs(directory: string): string[] {
  try {
    return readdirSync(directory).map((file) => join(directory, file));
  } catch {
    return [];
  }
}
