import type { Decimal } from '../shared/domain/decimal.ts';
import { Registry } from 'prom-client';
import type { ExecutionStore } from '../execution/ports.ts';
import { TradingStates } from '../shared/trading-state/trading-states.ts';
import { createExecutionMetrics } from '../execution/metrics.ts';
import { createExecution, type Execution, type ExecutionOptions } from '../execution/service.ts';
import { stackTagOf } from '../shared/domain/ids.ts';
import type { TradingVenue } from '../shared/venue/trading-venue.ts';
import { createLogger } from '../shared/runtime/logger.ts';
import { sha256 } from '../shared/runtime/sha256.ts';
import { crashable, type Life } from './crashable.ts';
import type { ReplayContext } from './context.ts';
import type { PrivatePush, ReplayVenue } from './venue/replay-venue.ts';

/** One process of the execution service. The record and the venue outlive it. */
export interface ExecutionProcess {
  readonly execution: Execution;
  readonly onApproval: (decisionId: string) => void;
  readonly onPush: (push: PrivatePush) => void;
  /** Ends it at once, without a drain. */
  readonly kill: () => void;
  /** Pauses it as SIGSTOP does: none of its code runs until `ms` have passed, then it continues. */
  readonly freeze: (ms: number) => void;
  /** Drains it, then ends it, as a Deployment update does. */
  readonly drain: () => Promise<void>;
  /** Orders that a reconcile found and that the record does not explain, counted by kind. */
  readonly findings: () => Promise<readonly Finding[]>;
}

export interface Finding {
  readonly incarnation: string;
  readonly kind: string;
  readonly count: number;
}

export interface ProcessOptions {
  readonly context: ReplayContext;
  readonly venue: ReplayVenue;
  readonly marks: () => ReadonlyMap<string, Decimal>;
  readonly bestBid: ExecutionOptions['bestBid'];
  readonly incarnation: string;
  /** Replaces ports of the process. */
  readonly overrides?: PortOverrides;
}

/** Wraps the ports that a process is given. */
export interface PortOverrides {
  readonly client?: (client: TradingVenue) => TradingVenue;
  readonly store?: (store: ExecutionStore) => ExecutionStore;
}

const log = createLogger({ name: 'simulation', level: 'silent' });

/** The life of a process, and what waits while it is frozen. */
function lifeOf(scheduler: ReplayContext['scheduler']) {
  const life: Life & { frozenUntilMs: number } = { dead: false, frozenUntilMs: 0 };
  const resumed = async (): Promise<void> => {
    while (life.frozenUntilMs > scheduler.nowMs()) await scheduler.sleep(life.frozenUntilMs - scheduler.nowMs());
  };
  return { life, resumed };
}

/** Starts the execution service on virtual time. Its store is the record; it reaches the venue through the network. */
export function startProcess(options: ProcessOptions): ExecutionProcess {
  const { context, venue, incarnation, overrides = {}, marks, bestBid } = options;
  const { settings, instruments, scheduler, network } = context;
  const startedMs = scheduler.nowMs();
  const aheadMs = network.clockOf();
  const nowMs = (): number => scheduler.nowMs() + aheadMs(scheduler.nowMs() - startedMs);
  const { life, resumed } = lifeOf(scheduler);
  const client = crashable(venue.clientFor({ nowMs }), life, resumed);
  const store = storeOf(context, venue, life, resumed);
  const metrics = createExecutionMetrics(new Registry());
  const clock = {
    ...scheduler,
    nowMs,
    sleep: async (ms: number, signal?: AbortSignal) => {
      await scheduler.sleep(ms, signal);
      await resumed();
    },
  };
  const record = overrides.store?.(store) ?? store;
  const execution = createExecution({
    settings: settings.execution,
    tag: stackTagOf(settings.execution.stack.id, sha256),
    incarnation,
    store: record,
    states: new TradingStates({ store: record, clock, log }),
    venue: overrides.client?.(client) ?? client,
    instrumentOf: (symbol) => instruments.get(symbol),
    marks,
    bestBid,
    metrics,
    keepFrame: async () => await Promise.resolve({ kind: 'ok' }),
    clock,
    log,
  });
  const ending = new AbortController();
  const kill = (): void => {
    life.dead = true;
    ending.abort(new Error('killed'));
  };
  // The process ends when its first part ends.
  for (const part of execution.parts) void part.run(ending.signal).then(kill, kill);
  const deliver = (work: () => void): void => {
    void resumed().then(() => {
      if (!life.dead) work();
    });
  };
  return {
    execution,
    kill,
    freeze: (ms) => {
      life.frozenUntilMs = scheduler.nowMs() + ms;
    },
    drain: async () => {
      for (const part of execution.parts) await part.drain?.();
      kill();
    },
    onApproval: (decisionId) => deliver(() => void execution.onApproval(decisionId).catch(() => {})),
    onPush: (push) =>
      deliver(() => {
        if (push.kind === 'fill') execution.streamEvents.onFill(push.fill);
        else execution.streamEvents.onOrder(push.report);
      }),
    findings: async () => {
      const { values } = await metrics.findings.get();
      return values.map(({ labels, value }) => ({ incarnation, kind: String(labels.kind), count: value }));
    },
  };
}

/**
 * Returns the record's store with delayed and lost statements. Records the length of the venue's log when
 * `commitIntent` returns `Committed`.
 */
function storeOf(
  { network, scheduler, record }: ReplayContext,
  venue: ReplayVenue,
  life: Life,
  resumed: () => Promise<void>,
): ExecutionStore {
  const store: ExecutionStore = crashable(record.store, life, async () => {
    await scheduler.sleep(network.statementMs());
    if (network.losesStatement()) throw new Error('the database is unavailable');
    await resumed();
  });
  return {
    ...store,
    commitIntent: async (fence, order) => {
      const outcome = await store.commitIntent(fence, order);
      if (outcome === 'Committed') record.confirmedAfter.set(order.request.clientOrderId, venue.log.length);
      return outcome;
    },
  };
}
