import { randomInt, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { KubeConfig } from '@kubernetes/client-node';
import { namespaces } from '../../../operator/kube/client/builtin-resources.ts';
import { createKubeClient, type KubeClient } from '../../../operator/kube/client/client.ts';
import { tradingStacks } from '../../../operator/controllers/caches/stack-caches.ts';
import { catalogueRow, CATALOGUE } from '../../../services/shared/contracts/catalogue.ts';
import { systemClock } from '../../../services/shared/runtime/clock.ts';
import { createLogger } from '../../../services/shared/runtime/logger.ts';
import { merged, sampleStack } from '../../fixtures/sample-stack.ts';
import { QUIET_TAPE } from '../../harness/exchange-simulator.ts';
import { controllersByHand } from '../../harness/kube/controllers-by-hand.ts';
import { installTradingStackCrd } from '../../harness/kube/trading-stack-crd.ts';
import type { LogLine } from '../../harness/processes/service-process.ts';
import { startPrivatePostgres, type PrivatePostgres } from '../../harness/stores/private-postgres.ts';
import { startPrivateRedis, type PrivateRedis } from '../../harness/stores/private-redis.ts';
import { createDatabaseAt, type TestDatabase } from '../../harness/stores/test-database.ts';
import { until } from '../../harness/until.ts';
import { startLoad, type LoadOptions } from './load.ts';
import { startOperators, type Operators } from './operators.ts';
import { createPods, type Pods } from './pods.ts';
import { watchStack, type StackWatch } from './stack-watch.ts';
import { followVenueLog, type VenueLog } from './venue-log.ts';

/** A stack that trades: a real API server, operator, risk, execution, venue, Redis and Postgres, without nodes. */
export interface TradingSystem {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly subnet: string;
  readonly kubeconfig: string;
  readonly stack: StackWatch;
  readonly pods: Pods;
  readonly operators: Operators;
  readonly postgres: PrivatePostgres;
  readonly redis: PrivateRedis;
  /** Database of the services. */
  readonly pool: TestDatabase['pool'];
  readonly venue: VenueLog;
  readonly venueUrl: string;
  /** Merges a change into the stack, as a person does with kubectl. */
  patch(change: object): Promise<void>;
  /** Plays the controllers of the cluster until the condition holds. */
  play(what: string, reached: () => boolean): Promise<void>;
  /** Removes the pods of Deployments that have no replicas. */
  stopPods(): Promise<void>;
  /** Throws when a process ended that should run. */
  verify(): void;
  stop(): Promise<void>;
}

export const STACK = 'bench';
const PASSWORD = 'test';
const ORDERS_PER_SECOND = 20;
const START_MS = 90_000;

export function symbolsOf(count: number): readonly string[] {
  return ['XRP/ETH', ...Array.from({ length: count - 1 }, (_, index) => `C${index + 1}/ETH`)];
}

export interface SystemOptions {
  readonly kubeconfig: string;
  readonly instruments: number;
  /** The operator watches no other namespace: others use the same API server. Default: false. */
  readonly sharesApiServer?: boolean;
  /** Ends the waiting for a state of the system. */
  readonly signal?: AbortSignal;
  /** Merged into the spec of the stack. */
  readonly change?: Readonly<Record<string, unknown>>;
  readonly termsOf?: LoadOptions['termsOf'];
  /** Whether a process of the stack that ends by itself is started again. Default: false. */
  readonly restarts?: boolean;
  /** Receives each line that a process of the stack, or the operator, logs. */
  readonly onLine?: (line: LogLine) => void;
}

type Cleanup = () => unknown;

/** Starts everything. When a part does not start, those before it are stopped. */
export async function startTradingSystem(options: SystemOptions): Promise<TradingSystem> {
  const cleanups: Cleanup[] = [];
  const stop = async (): Promise<void> => {
    for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
  };
  try {
    return await start(options, { later: (cleanup) => void cleanups.push(cleanup), stop });
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Ending {
  readonly later: (cleanup: Cleanup) => void;
  readonly stop: () => Promise<void>;
}

async function start(options: SystemOptions, { later, stop }: Ending): Promise<TradingSystem> {
  const { kubeconfig, instruments, sharesApiServer = false, change, termsOf, onLine, restarts } = options;
  const directory = mkdtempSync(join(tmpdir(), 'bench-halt-'));
  later(() => rmSync(directory, { recursive: true, force: true }));
  const symbols = symbolsOf(instruments);
  const stores = await startStores(later);
  const client = clientOf(kubeconfig);
  later(async () => await client.close());
  await installTradingStackCrd(client);
  const namespace = `bench-${randomUUID().slice(0, 8)}`;
  await client.create(namespaces, { metadata: { name: namespace } });
  const subnet = `127.${randomInt(1, 255)}.${randomInt(1, 255)}`;
  const pods = createPods({ client, namespace, stack: STACK, subnet, directory, onLine, restarts });
  later(async () => await pods.stopAll());
  const controllers = controllersByHand(client, namespace, pods);
  await controllers.makePlatformSecrets({ redis: PASSWORD, postgres: PASSWORD });
  const stack = await watchStack(client, namespace);
  later(async () => await stack.stop());
  const operators = startOperators({
    kubeconfig,
    namespace,
    directory,
    watchNamespaces: sharesApiServer ? namespace : '',
    onLine,
  });
  later(async () => await operators.stop());
  const verify = (): void => {
    options.signal?.throwIfAborted();
    pods.verify();
    operators.verify();
  };
  const play = async (what: string, reached: () => boolean): Promise<void> => {
    await until(
      async () => {
        verify();
        await controllers.play();
        return reached();
      },
      { what: `${what} (${stack.summary()})`, withinMs: START_MS, everyMs: 100 },
    );
  };
  await client.create(tradingStacks, stackOf({ namespace, directory, symbols, stores, change }));
  await loadStack(stack, { stores, symbols, termsOf, later });
  await play('the stack to run', () => stack.phase() === 'Running').catch((error: unknown) => {
    throw new Error(`${String(error)}; ${stack.summary()}\n${operators.tail()}`);
  });
  const venueUrl = `http://${pods.addressOf('exchange-simulator')}:${catalogueRow('exchange-simulator').port}`;
  const { postgres, redis, pool } = stores;
  return {
    client,
    namespace,
    subnet,
    kubeconfig,
    stack,
    pods,
    operators,
    postgres,
    redis,
    pool,
    venue: followVenueLog(venueUrl),
    venueUrl,
    patch: async (change) => {
      await client.mergePatch(tradingStacks, { namespace, name: STACK }, change, { fieldManager: 'kubectl-patch' });
    },
    play,
    stopPods: async () => await controllers.stopPods(),
    verify,
    stop,
  };
}

interface LoadParts {
  readonly termsOf: LoadOptions['termsOf'];
  readonly stores: Stores;
  readonly symbols: readonly string[];
  readonly later: Ending['later'];
}

async function loadStack(stack: StackWatch, { stores, later, ...orders }: LoadParts): Promise<void> {
  await until(() => stack.id() !== '');
  const { pool, redis } = stores;
  const load = startLoad({ pool, redis: redis.options, stack: stack.id(), perSecond: ORDERS_PER_SECOND, ...orders });
  later(async () => await load.stop());
}

interface Stores {
  readonly pool: TestDatabase['pool'];
  readonly database: string;
  readonly postgres: PrivatePostgres;
  readonly redis: PrivateRedis;
}

async function startStores(later: Ending['later']): Promise<Stores> {
  // Every service has its own user, as charts/platform creates them.
  const users = CATALOGUE.flatMap(({ name }) => ['--user', name, 'on', `>${PASSWORD}`, '~*', '&*', '+@all']);
  const redis = await startPrivateRedis(users);
  later(async () => await redis.stop());
  const postgres = await startPrivatePostgres();
  later(async () => await postgres.stop());
  const database = await createDatabaseAt(postgres.options, { migrate: true });
  later(async () => await database.close());
  return { pool: database.pool, database: database.options.database, postgres, redis };
}

interface StackParts {
  readonly namespace: string;
  readonly directory: string;
  readonly symbols: readonly string[];
  readonly stores: Stores;
  readonly change: SystemOptions['change'];
}

function stackOf({ namespace, directory, symbols, stores, change }: StackParts) {
  const path = join(directory, 'tape.csv.gz');
  writeFileSync(path, gzipSync(QUIET_TAPE));
  const { redis, postgres, database } = stores;
  const base = {
    venue: { tape: { path, symbol: 'XRP/ETH', speed: 1 } },
    instruments: symbols.map((symbol) => ({ symbol })),
    redis: { host: redis.options.host, port: redis.options.port },
    postgres: { host: postgres.options.host, port: postgres.options.port, database },
    rollout: { soakSeconds: 0 },
    paper: { balances: { ETH: '1000000', XRP: '1000000' } },
  };
  return sampleStack({ name: STACK, namespace, change: merged(base, change ?? {}) as Record<string, unknown> });
}

export function clientOf(kubeconfig: string): KubeClient {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromString(kubeconfig);
  const log = createLogger({ name: 'bench', level: 'silent' });
  return createKubeClient({ kubeConfig, clock: systemClock, log, userAgent: 'bench', lease: 'None' });
}
