import { stackIdOf } from '../../../operator/resources/stack-context.ts';
import type { TradingStackObject } from '../../../operator/api/v1alpha1/trading-stack/trading-stack.ts';
import type { ExecutionStatus } from '../../../operator/api/v1alpha1/trading-stack/status.ts';
import { NO_SENDER } from '../../../operator/controllers/trading-stack/rollout/colours.ts';
import { tradingStacks } from '../../../operator/controllers/caches/stack-caches.ts';
import { createReflector } from '../../../operator/kube/cache/reflector.ts';
import type { KubeClient } from '../../../operator/kube/client/client.ts';
import type { Stored } from '../../../operator/kube/client/resource.ts';
import { systemClock } from '../../../services/shared/runtime/clock.ts';
import { createLogger } from '../../../services/shared/runtime/logger.ts';

/** The stack as the API server reports it to everybody who watches. */
export interface StackWatch {
  /** ID of the stack in the stores; empty until it exists. */
  id(): string;
  phase(): string;
  spec(): Readonly<Record<string, unknown>>;
  /** What the status says of the sender. */
  execution(): ExecutionStatus;
  /** Reason of the condition Degraded; undefined unless it is True. */
  degraded(): string | undefined;
  /** Phase and what blocks, for messages. */
  summary(): string;
  /** Time at which the API server reported `spec.halt: true`; undefined while it does not say so. */
  haltedSpecMs(): number | undefined;
  /** Time at which the status confirmed the halt; undefined while it does not say so. */
  confirmedMs(): number | undefined;
  stop(): Promise<void>;
}

interface Status {
  readonly phase?: string;
  readonly execution?: ExecutionStatus;
  readonly blockedBy?: unknown;
  readonly halt?: { readonly active?: boolean };
  readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason: string }[];
}

export async function watchStack(client: KubeClient, namespace: string): Promise<StackWatch> {
  const log = createLogger({ name: 'bench', level: 'silent' });
  const reflector = createReflector<TradingStackObject>({
    client,
    resource: tradingStacks,
    namespace,
    clock: systemClock,
    log,
  });
  let haltedSpecMs: number | undefined;
  let confirmedMs: number | undefined;
  const stored = (): Stored<TradingStackObject> | undefined => reflector.store.list()[0];
  const spec = (): Readonly<Record<string, unknown>> => (stored()?.spec ?? {}) as Readonly<Record<string, unknown>>;
  const status = (): Status => stored()?.status ?? {};
  reflector.onChange(() => {
    const now = Date.now();
    haltedSpecMs = spec()['halt'] === true ? (haltedSpecMs ?? now) : undefined;
    confirmedMs = status().halt?.active === true ? (confirmedMs ?? now) : undefined;
  });
  reflector.start();
  await reflector.synced();
  return {
    id: () => {
      const metadata = stored()?.metadata;
      return metadata === undefined ? '' : stackIdOf(metadata);
    },
    phase: () => status().phase ?? '',
    spec,
    execution: () => status().execution ?? NO_SENDER,
    degraded: () => status().conditions?.find((each) => each.type === 'Degraded' && each.status === 'True')?.reason,
    summary: () => JSON.stringify(status().blockedBy ?? status().phase ?? 'no status'),
    haltedSpecMs: () => haltedSpecMs,
    confirmedMs: () => confirmedMs,
    stop: async () => await reflector.stop(),
  };
}
