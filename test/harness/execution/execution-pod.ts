import type { CanaryDocument } from '../../../services/shared/contracts/control.ts';
import { SECRET_FILES } from '../../../services/shared/contracts/pod-files.ts';
import type { ExecutionDocument } from '../../../services/shared/contracts/services/execution.ts';
import { statuszSchema, type Statusz } from '../../../services/shared/contracts/statusz.ts';
import { TEST_STACK } from '../../fixtures/approved-orders.ts';
import type { RunningSimulator } from '../running-simulator.ts';
import {
  createServicePod,
  type RunningPod,
  type ServicePod,
  type ServicePodOptions,
} from '../processes/service-pod.ts';
import type { PostgresAddress } from '../stores/private-postgres.ts';
import type { RedisAddress } from '../stores/private-redis.ts';

export interface ExecutionPodOptions extends Pick<ServicePodOptions, 'env' | 'onText'> {
  readonly postgres: PostgresAddress;
  readonly redis: Omit<RedisAddress, 'stack'>;
  readonly venue: Pick<RunningSimulator, 'restUrl' | 'wsUrl' | 'apiKey' | 'secretKey'>;
  readonly controlToken?: string;
}

export interface ExecutionPod extends Omit<ServicePod, 'configure' | 'start'> {
  readonly controlToken: string;
  /** Changes the settings for the next start. */
  configure(change: Partial<ExecutionDocument>): void;
  start(): Promise<RunningExecution>;
}

export interface RunningExecution extends RunningPod {
  statusz(): Promise<Statusz>;
  /** Returns the status of the answer. */
  activate(epoch: number, canary?: CanaryDocument): Promise<number>;
  control(path: string, body: object): Promise<Response>;
}

/** Execution of the test stack as a process. */
export function createExecutionPod(options: ExecutionPodOptions): ExecutionPod {
  const { postgres, redis, venue, controlToken = 'control-token-of-the-test', ...rest } = options;
  const settings = settingsOf(options);
  const secrets = {
    [SECRET_FILES.redisPassword]: redis.password,
    [SECRET_FILES.postgresPassword]: postgres.password,
    [SECRET_FILES.venueApiKey]: venue.apiKey,
    [SECRET_FILES.venueSecretKey]: venue.secretKey,
    [SECRET_FILES.controlToken]: controlToken,
  };
  const pod = createServicePod({ ...rest, service: 'execution', settings, secrets });
  return {
    ...pod,
    controlToken,
    configure: (change) => pod.configure({ ...settings, ...change }),
    start: async () => {
      const running = await pod.start();
      const headers = { authorization: `Bearer ${controlToken}` };
      const control = async (path: string, body: object): Promise<Response> =>
        await fetch(`${running.url}/control/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
      return {
        ...running,
        control,
        statusz: async () => statuszSchema.parse(await (await fetch(`${running.url}/statusz`)).json()),
        activate: async (epoch, canary) => (await control('activate', { epoch, ...(canary && { canary }) })).status,
      };
    },
  };
}

function settingsOf({ postgres, redis, venue }: ExecutionPodOptions): ExecutionDocument {
  return {
    stack: { id: TEST_STACK, name: 'demo', namespace: 'trading', mode: 'Paper' },
    redis: { host: redis.host, port: redis.port, username: redis.username },
    postgres: { host: postgres.host, port: postgres.port, database: postgres.database, user: postgres.user },
    venue: { name: 'mexc', restUrl: venue.restUrl, wsUrl: venue.wsUrl },
    halt: false,
    symbols: ['XRP/ETH'],
    recvWindowMs: 500,
    skewBoundMs: 300,
    visibilityMs: 200,
    permitMs: 2_000,
    reconcileIntervalMs: 500,
  };
}
