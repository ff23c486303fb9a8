import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { ClusterError } from '../../../cluster/cluster-error.ts';
import { clusterPaths } from '../../../cluster/cluster-paths.ts';
import { readConfig } from '../../../cluster/config.ts';
import { kubernetes, kwok } from '../../../cluster/embedded/components.ts';
import { requireGo } from '../../../cluster/embedded/preflight.ts';
import { ensureToolchain, unbuilt } from '../../../cluster/embedded/toolchain.ts';
import { createProgress } from '../../../cluster/process/step.ts';
import { startPrivateApiServer } from '../../../harness/kube/private-api-server.ts';
import { freePort, startNativeServer, type NativeServer } from '../../../harness/stores/native-server.ts';
import { UsageError } from '../../bench.ts';

/** A cluster on loopback: a real API server, controllers and scheduler, and nodes that kwok plays. */
export interface KwokCluster {
  /** Administrator's kubeconfig (JSON). */
  readonly kubeconfig: string;
  /** Path of the same. */
  readonly kubeconfigFile: string;
  readonly port: number;
  readonly auditLog: string;
  stop(): Promise<void>;
}

const STAGES = join(import.meta.dirname, 'kwok-stages.yaml');
/** The default of 20 requests a second would be what is measured. */
const UNTHROTTLED = ['--kube-api-qps=1000', '--kube-api-burst=2000', '--leader-elect=false'];
/** Addresses of the pods are loopback ones, of which an EndpointSlice must not have any. */
const CONTROLLERS = '*,-endpoints-controller,-endpointslice-controller,-endpointslice-mirroring-controller';

/** Returns the folder of the programs, built on first use. Throws UsageError when something is missing for that. */
export async function findKwokPrograms(progress: (text: string) => void): Promise<string> {
  if (process.platform !== 'linux')
    throw new UsageError('bench reconcile needs Linux: each pod has an address of its own in 127.0.0.0/8');
  const paths = clusterPaths(readConfig().cacheDirectory);
  const components = [kubernetes, kwok];
  const write = (text: string): void => progress(text.trimEnd());
  try {
    const missing = unbuilt(paths, components);
    if (missing.length > 0) await requireGo(missing);
    return await ensureToolchain(
      paths,
      components,
      createProgress({ write, interactive: false, logDirectory: paths.logs }),
    );
  } catch (error) {
    if (error instanceof ClusterError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

/** Starts everything. When a part does not start, those before it are stopped. */
export async function startKwokCluster(progress: (text: string) => void): Promise<KwokCluster> {
  const bin = await findKwokPrograms(progress);
  progress('starting etcd, an API server, its controllers and scheduler, and kwok');
  const server = await startPrivateApiServer({ recorded: true });
  const folder = mkdtempSync(join(tmpdir(), 'bench-reconcile-'));
  const servers: NativeServer[] = [];
  const stop = async (): Promise<void> => {
    for (const each of servers.splice(0).toReversed()) await each.kill();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  const kubeconfigFile = join(folder, 'kubeconfig.json');
  const start = async (program: string, argumentsOf: (port: number) => readonly string[]): Promise<void> => {
    const port = await freePort();
    const args = [`--kubeconfig=${kubeconfigFile}`, ...argumentsOf(port)];
    servers.push(await startNativeServer({ command: join(bin, program), args, user: undefined, port }));
  };
  try {
    writeFileSync(kubeconfigFile, server.kubeconfig, { mode: 0o600 });
    const serving = (port: number): readonly string[] => ['--bind-address=127.0.0.1', `--secure-port=${port}`];
    const workers = ['deployment', 'replicaset', 'job'].map((kind) => `--concurrent-${kind}-syncs=20`);
    await start('kube-controller-manager', (port) => [
      ...serving(port),
      ...UNTHROTTLED,
      ...workers,
      `--controllers=${CONTROLLERS}`,
    ]);
    await start('kube-scheduler', (port) => [...serving(port), ...UNTHROTTLED]);
    await start('kwok', (port) => [
      `--config=${STAGES}`,
      '--manage-all-nodes=true',
      '--node-lease-duration-seconds=40',
      `--cidr=127.${randomInt(16, 250)}.0.0/16`,
      `--server-address=127.0.0.1:${port}`,
    ]);
    const { kubeconfig, auditLog } = server;
    return { kubeconfig, kubeconfigFile, port: portOf(kubeconfig), auditLog, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function portOf(kubeconfig: string): number {
  const config = new KubeConfig();
  config.loadFromString(kubeconfig);
  return Number(new URL(config.getCurrentCluster()?.server ?? '').port);
}
