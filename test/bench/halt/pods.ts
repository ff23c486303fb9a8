import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { dirname, join } from 'node:path';
import { catalogueRow, type ServiceName } from '../../../services/shared/contracts/catalogue.ts';
import { configMaps, secrets } from '../../../operator/kube/client/builtin-resources.ts';
import type { KubeClient } from '../../../operator/kube/client/client.ts';
import { sendJson } from '../../harness/kube/fake-api-server.ts';
import type { PodRunner, PodVolumes, StartedPod, Workload } from '../../harness/kube/controllers-by-hand.ts';
import { healthyStatusz } from '../../harness/kube/processes-by-hand.ts';
import { startServiceProcess, type LogLine, type ServiceProcess } from '../../harness/processes/service-process.ts';
import { until } from '../../harness/until.ts';

/** The processes of a stack: those on the way of an order are real, the others only report that they are well. */
export interface Pods extends PodRunner {
  /** Services whose image cannot be pulled. */
  readonly unpullable: Set<string>;
  addressOf(workload: string): string;
  /** Sends a signal to the process of a pod. */
  signal(workload: string, signal: NodeJS.Signals): void;
  /** Throws when a process ended that should run. */
  verify(): void;
  stopAll(): Promise<void>;
}

export interface PodsOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly stack: string;
  /** First three numbers of the addresses of the pods, in 127.0.0.0/8. */
  readonly subnet: string;
  readonly directory: string;
  /** Whether a process that ends by itself is started again, as a kubelet does. Default: false. */
  readonly restarts?: boolean | undefined;
  /** Receives each line that a real process logs. */
  readonly onLine?: ((line: LogLine) => void) | undefined;
}

interface Running {
  readonly release: string;
  readonly process: ServiceProcess | undefined;
  /** Starts the process again, with the same files. */
  readonly restart?: () => void;
  stop(): Promise<void>;
}

const REAL: ReadonlySet<string> = new Set<ServiceName>(['exchange-simulator', 'risk', 'execution']);
const SERVICES = join(import.meta.dirname, '../../../services');
const HOSTS = [
  'ws',
  'db-writer',
  'signal',
  'exchange-simulator',
  'risk',
  'execution-blue',
  'execution-green',
  'execution-blue-2',
  'execution-green-2',
];

export function createPods(options: PodsOptions): Pods {
  const running = new Map<string, Running>();
  const unpullable = new Set<string>();
  const addressOf = (workload: string): string => `${options.subnet}.${HOSTS.indexOf(workload) + 1}`;
  const stop = async (workload: string): Promise<void> => {
    const pod = running.get(workload);
    running.delete(workload);
    await pod?.stop();
  };
  const start = async ({ name, service }: Workload, release: string, volumes: PodVolumes): Promise<StartedPod> => {
    await stop(name);
    if (unpullable.has(service)) return { waiting: 'ImagePullBackOff' };
    const ip = addressOf(name);
    const pod = { name, service: service as ServiceName, release, ip };
    if (REAL.has(service)) running.set(name, await startReal(pod, volumes, { ...options, addressOf }));
    else running.set(name, await startStandIn(pod));
    return { ip };
  };
  return {
    unpullable,
    addressOf,
    start,
    stop,
    releaseOf: (workload) => running.get(workload)?.release,
    signal: (workload, signal) => {
      const process = running.get(workload)?.process;
      if (process === undefined) throw new Error(`${workload} has no process`);
      process.signal(signal);
    },
    verify: () => {
      for (const [service, { process, restart }] of running) {
        if (process?.ended === undefined) continue;
        if (options.restarts !== true || restart === undefined)
          throw new Error(`${service} ${process.ended}:\n${process.tail()}`);
        restart();
      }
    },
    stopAll: async () => void (await Promise.all([...running.keys()].map(stop))),
  };
}

interface StartingPod {
  /** Of the workload. */
  readonly name: string;
  readonly service: ServiceName;
  readonly release: string;
  readonly ip: string;
}

async function startStandIn({ service, release, ip }: StartingPod): Promise<Running> {
  const server = createServer((_request, response) => sendJson(response, healthyStatusz(service, release)));
  await listen(server, catalogueRow(service).port, ip);
  return {
    release,
    process: undefined,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}

async function listen(server: Server, port: number, host: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
}

type RealOptions = PodsOptions & { readonly addressOf: (service: string) => string };

/** Starts the program from source, with the settings and Secrets that its pod would mount. */
async function startReal(pod: StartingPod, volumes: PodVolumes, options: RealOptions): Promise<Running> {
  const { name, service, release, ip } = pod;
  const directory = join(options.directory, name);
  await mount(directory, volumes, options);
  const launch = (): ServiceProcess =>
    startServiceProcess({
      main: join(SERVICES, service, 'main.ts'),
      env: {
        SETTINGS_FILE: join(directory, 'settings.json'),
        SECRETS_DIR: join(directory, 'secrets'),
        DATA_DIRECTORY: join(directory, 'data'),
        TMPDIR: directory,
        RELEASE: release,
        POD_NAME: `${options.stack}-${name}`,
        HOST: ip,
        LOG_LEVEL: 'info',
      },
      ...(options.onLine === undefined ? {} : { onLine: options.onLine }),
    });
  let process = launch();
  await until(
    async () => {
      if (process.ended !== undefined) throw new Error(`${service} ${process.ended}:\n${process.tail()}`);
      return await fetch(`http://${ip}:${catalogueRow(service).port}/livez`).then(
        async (response) => (await response.text()) !== '',
        () => false,
      );
    },
    { what: `${service} to serve`, withinMs: 30_000, everyMs: 50 },
  );
  return {
    release,
    get process() {
      return process;
    },
    restart: () => {
      process = launch();
    },
    stop: async () => await process.stop(),
  };
}

type PodVolume = PodVolumes[number];

async function mount(directory: string, volumes: PodVolumes, options: RealOptions): Promise<void> {
  for (const volume of volumes) {
    await mountSettings(join(directory, 'settings.json'), volume, options);
    await mountSecret(join(directory, 'secrets', volume.name), volume, options);
  }
}

async function mountSettings(path: string, { configMap }: PodVolume, options: RealOptions): Promise<void> {
  if (configMap?.name === undefined) return;
  const { client, namespace, stack, addressOf } = options;
  const { data = {} } = await client.get(configMaps, { namespace, name: configMap.name });
  // There is no DNS here that knows the Services.
  const [service, address] = [`//${stack}-exchange-simulator:`, `//${addressOf('exchange-simulator')}:`];
  put(path, (data['settings.json'] ?? '').replaceAll(service, address));
}

async function mountSecret(folder: string, { secret }: PodVolume, { client, namespace }: RealOptions): Promise<void> {
  if (secret?.secretName === undefined) return;
  const { data = {} } = await client.get(secrets, { namespace, name: secret.secretName });
  for (const { key, path } of secret.items ?? [])
    put(join(folder, path), Buffer.from(data[key] ?? '', 'base64').toString());
}

function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { mode: 0o600 });
}
