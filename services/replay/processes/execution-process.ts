import type { Decimal } from '../../shared/domain/decimal.ts';
import { Registry } from 'prom-client';
import type { ExecutionStore, SharedBudget, SharedEpoch } from '../../execution/ports.ts';
import { TradingStates } from '../../shared/trading-state/trading-states.ts';
import { createExecutionMetrics } from '../../execution/metrics.ts';
import type { ExecutionOptions } from '../../execution/execution-options.ts';
import { createExecution, type Execution } from '../../execution/service.ts';
import { stackTagOf } from '../../shared/domain/ids.ts';
import type { TradingVenue } from '../../shared/venue/trading-venue.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { sha256 } from '../../shared/runtime/sha256.ts';
import { executionStreams } from './execution-streams.ts';
import { crashable } from './crashable.ts';
import { createProcessLife, type ProcessLife } from './process-life.ts';
import { lossyWay } from './lossy-way.ts';
import type { ReplayContext } from '../context.ts';
import { observedCalls } from '../venue/observed-calls.ts';
import type { PrivatePush, ReplayVenue } from '../venue/replay-venue.ts';

/** One process of the execution service. The record and the venue outlive it. */
export interface ExecutionProcess {
  readonly execution: Execution;
  readonly onApproval: (decisionId: string) => void;
  readonly onPush: (push: PrivatePush) => void;
  readonly isDead: () => boolean;
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
  readonly budget?: (budget: SharedBudget) => SharedBudget;
  readonly sharedEpoch?: SharedEpoch;
}

const log = createLogger({ name: 'simulation', level: 'silent' });

/** Starts the execution service on virtual time. Its store is the record; it reaches the venue through the network. */
export function startProcess(options: ProcessOptions): ExecutionProcess {
  const { context, venue, incarnation, overrides = {}, marks, bestBid } = options;
  const { settings, scheduler, network } = context;
  const startedMs = scheduler.nowMs();
  const aheadMs = network.clockOf();
  const nowMs = (): number => scheduler.nowMs() + aheadMs(scheduler.nowMs() - startedMs);
  const life = createProcessLife(scheduler);
  const { resumed, deliver } = life;
  const client = clientOf(options, { ...scheduler, nowMs }, life);
  const store = storeOf(context, venue, life);
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
  const streams = executionStreams(context, { marks, bestBid, clock, consumer: incarnation, gate: deliver });
  const execution = createExecution({
    settings: settings.execution,
    tag: stackTagOf(settings.execution.stack.id, sha256),
    incarnation,
    store: record,
    states: new TradingStates({ store: record, clock, log }),
    venue: overrides.client?.(client) ?? client,
    instrumentOf: streams.instrumentOf,
    marks: streams.marks,
    bestBid: streams.bestBid,
    metrics,
    budget: overrides.budget?.(context.budget) ?? context.budget,
    sharedEpoch: overrides.sharedEpoch ?? context.sharedEpoch,
    // Readers follow the record itself.
    flushOutbox: async () => await Promise.resolve(),
    keepFrame: async () => await Promise.resolve({ kind: 'ok' }),
    clock,
    log,
  });
  const ending = new AbortController();
  const kill = (): void => {
    life.dead = true;
    streams.kill();
    ending.abort(new Error('killed'));
  };
  // The process ends when its first part ends.
  const parts = [...execution.parts, ...streams.partsOf(execution)];
  for (const part of parts) void part.run(ending.signal).then(kill, kill);
  return {
    execution,
    isDead: () => life.dead,
    kill,
    freeze: life.freeze,
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

/** Returns the venue as the process reaches it. The record notes what is sent. */
function clientOf({ context, venue, incarnation }: ProcessOptions, clock: Clock, life: ProcessLife): TradingVenue {
  const { scheduler, record } = context;
  return observedCalls(crashable(venue.clientFor(clock), life, life.resumed), {
    process: incarnation,
    scheduler,
    onStep: (step) => {
      if (!life.dead) record.callSteps.push(step);
    },
  });
}

/**
 * Returns the record's store with delayed and lost statements. Records the length of the venue's log when
 * `commitIntent` returns `Committed`.
 */
function storeOf(context: ReplayContext, venue: ReplayVenue, life: ProcessLife): ExecutionStore {
  const { record } = context;
  const way = lossyWay(context);
  const store: ExecutionStore = crashable(record.store, life, async (stage, name) => {
    await way(stage, name);
    await life.resumed();
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
