import { setTimeout as delay } from 'node:timers/promises';
import { tradingStacks } from '../../../../operator/controllers/caches/stack-caches.ts';
import type { TradingStackObject } from '../../../../operator/api/v1alpha1/trading-stack/trading-stack.ts';
import { createReflector } from '../../../../operator/kube/cache/reflector.ts';
import type { KubeClient } from '../../../../operator/kube/client/client.ts';
import type { Stored } from '../../../../operator/kube/client/resource.ts';
import { systemClock } from '../../../../services/shared/runtime/clock.ts';
import { createLogger } from '../../../../services/shared/runtime/logger.ts';
import { sampleStack } from '../../../fixtures/sample-stack.ts';
import { until } from '../../../harness/until.ts';
import { namespaceOf } from './cluster-objects.ts';

/** The stacks of the cluster, as the API server reports them to everybody who watches. */
export interface ManyStacks {
  readonly keys: readonly string[];
  /** Creates all, at once. Returns for each how long it took until it ran, in milliseconds. */
  create(): Promise<readonly number[]>;
  /** Changes a limit of risk, as a trader does: a new release of one service. */
  edit(key: string): Promise<void>;
  /** Waits until the stack runs what its spec says. */
  untilRuns(key: string): Promise<void>;
  /** How many run what their spec says. */
  running(): number;
  stop(): Promise<void>;
}

export interface ManyStacksOptions {
  readonly client: KubeClient;
  readonly count: number;
  readonly withinMs: number;
  /** Throws when a process has ended that should run. */
  readonly verify: () => void;
  readonly progress: (text: string) => void;
}

const STACK = 'demo';
const EVERY_MS = 20;
const PROGRESS_MS = 5_000;
/** No time passes without a reason: the gates are what is waited for, and no probation of a sender that never sends. */
const CHANGE = { rollout: { soakSeconds: 0 }, execution: { swap: { postSwitchSoakSeconds: 0 } } };
/** Above the notional of each strategy, and below that of a position. */
const LIMITS = ['0.4', '0.5'] as const;

export async function watchStacks(options: ManyStacksOptions): Promise<ManyStacks> {
  const { client, count, verify, withinMs } = options;
  const log = createLogger({ name: 'bench', level: 'silent' });
  const reflector = createReflector<TradingStackObject>({ client, resource: tradingStacks, clock: systemClock, log });
  const keys = Array.from({ length: count }, (_, index) => `${namespaceOf(index)}/${STACK}`);
  const firstRanMs = new Map<string, number>();
  reflector.onChange(({ key }) => {
    if (runs(reflector.store.get(key)) && !firstRanMs.has(key)) firstRanMs.set(key, Date.now());
  });
  reflector.start();
  await reflector.synced();
  const running = (): number => keys.filter((key) => runs(reflector.store.get(key))).length;
  /** By stack, because an edit that changes nothing is no event. */
  const edits = new Map<string, number>();
  return {
    keys,
    running,
    create: async () => {
      const createdMs = new Map<string, number>();
      await Promise.all(
        keys.map(async (key) => {
          const [namespace = ''] = key.split('/');
          createdMs.set(key, Date.now());
          await client.create(tradingStacks, sampleStack({ name: STACK, namespace, change: CHANGE }), {
            deadlineMs: withinMs,
          });
        }),
      );
      await untilAllRun({ ...options, running, describe: () => describe(keys, (key) => reflector.store.get(key)) });
      return keys.map((key) => (firstRanMs.get(key) ?? Number.NaN) - (createdMs.get(key) ?? Number.NaN));
    },
    edit: async (key) => {
      const [namespace = '', name = ''] = key.split('/');
      const turn = edits.get(key) ?? 0;
      edits.set(key, turn + 1);
      const spec = { risk: { maxOrderNotional: LIMITS[turn % LIMITS.length] } };
      await client.mergePatch(tradingStacks, { namespace, name }, { spec }, { fieldManager: 'kubectl-patch' });
    },
    untilRuns: async (key) => {
      const probe = (): boolean => {
        verify();
        return runs(reflector.store.get(key));
      };
      const what = `${key} to run (${describe([key], () => reflector.store.get(key))})`;
      await until(probe, { what, withinMs, everyMs: EVERY_MS });
    },
    stop: async () => await reflector.stop(),
  };
}

type StoredStack = Stored<TradingStackObject>;

interface Status {
  readonly phase?: string;
  readonly observedGeneration?: number;
  readonly blockedBy?: string;
}

function runs(stack: StoredStack | undefined): boolean {
  const { phase, observedGeneration }: Status = stack?.status ?? {};
  return phase === 'Running' && observedGeneration === stack?.metadata.generation;
}

async function untilAllRun({
  running,
  describe: described,
  ...options
}: ManyStacksOptions & { readonly running: () => number; readonly describe: () => string }): Promise<void> {
  const { count, withinMs, verify, progress } = options;
  const startMs = Date.now();
  let reportMs = startMs + PROGRESS_MS;
  while (running() < count) {
    verify();
    if (Date.now() - startMs > withinMs)
      throw new Error(`${running()} of ${count} stacks run after ${withinMs} ms: ${described()}`);
    if (Date.now() >= reportMs) {
      reportMs += PROGRESS_MS;
      progress(`${running()} of ${count} stacks run: ${described()}`);
    }
    await delay(EVERY_MS);
  }
}

/** What holds back the first one that does not run. */
function describe(keys: readonly string[], get: (key: string) => StoredStack | undefined): string {
  const key = keys.find((candidate) => !runs(get(candidate)));
  if (key === undefined) return 'all run';
  const { phase = 'no status', blockedBy = '' }: Status = get(key)?.status ?? {};
  return `${key} is ${phase}${blockedBy === '' ? '' : `, ${blockedBy}`}`;
}
