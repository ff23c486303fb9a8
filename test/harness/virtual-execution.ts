import { Registry } from 'prom-client';
import type { ExecutionStore, SharedBudget, SharedEpoch } from '../../services/execution/ports.ts';
import { MemoryBudget } from '../../services/execution/store/memory/memory-budget.ts';
import { MemoryEpoch } from '../../services/execution/store/memory/memory-epoch.ts';
import { TradingStates, type StateJournal } from '../../services/shared/trading-state/trading-states.ts';
import { createExecutionMetrics } from '../../services/execution/metrics.ts';
import type { ExecutionOptions } from '../../services/execution/execution-options.ts';
import { createExecution, type Execution } from '../../services/execution/service.ts';
import type { ExecutionSettings } from '../../services/shared/contracts/services/execution.ts';
import { parseDecimal } from '../../services/shared/domain/decimal.ts';
import type { Instrument } from '../../services/shared/domain/instrument.ts';
import type { TradingVenue } from '../../services/shared/venue/trading-venue.ts';
import { createLogger } from '../../services/shared/runtime/logger.ts';
import { TEST_STACK, TEST_TAG } from '../fixtures/approved-orders.ts';
import type { VirtualClock } from './virtual-clock.ts';

export interface VirtualExecutionOptions {
  /** What the process finds on its disk. */
  readonly journal?: StateJournal;
  /** For a test that commands the process. Default: states of its own. */
  readonly states?: TradingStates;
  readonly clock: VirtualClock;
  readonly store: ExecutionStore;
  readonly venue: TradingVenue;
  readonly incarnation: string;
  readonly settings?: Partial<ExecutionSettings>;
  /** For processes that share an account. Default: a budget of its own. */
  readonly budget?: SharedBudget;
  /** For processes that share a Redis. Default: one of its own. */
  readonly sharedEpoch?: SharedEpoch;
  readonly registry?: Registry;
  readonly bestBid?: ExecutionOptions['bestBid'];
  readonly keepFrame?: ExecutionOptions['keepFrame'];
  readonly flushOutbox?: ExecutionOptions['flushOutbox'];
  /** Called with the error of a part that ends. */
  readonly onEnd?: (error: unknown) => void;
}

export const VIRTUAL_TIMINGS = {
  recvWindowMs: 500,
  skewBoundMs: 100,
  visibilityMs: 400,
  permitMs: 2_000,
  reconcileIntervalMs: 1_000,
  ordersPerSecond: 100,
};

const instrument = {
  takerFee: parseDecimal('0.001'),
  lotSize: parseDecimal('0.01'),
  tickSize: parseDecimal('0.00000001'),
  minNotional: parseDecimal('0.001'),
} as Instrument;
const log = createLogger({ name: 'virtual', level: 'silent' });

/**
 * Starts execution on virtual time, with a store and a venue that outlive it. Its parts run until `ending` is aborted.
 */
export function startVirtualExecution(options: VirtualExecutionOptions, ending: AbortSignal): Execution {
  const { store, clock, journal } = options;
  const execution = createExecution({
    ...options,
    states: options.states ?? new TradingStates({ store, clock, log, journal }),
    settings: {
      ...VIRTUAL_TIMINGS,
      stack: { id: TEST_STACK, name: 'demo', namespace: 'n', mode: 'Paper' },
      redis: { host: '', port: 1, username: '' },
      postgres: { host: '', port: 1, database: '', user: '' },
      venue: { name: 'mexc', restUrl: '', wsUrl: '' },
      halt: false,
      symbols: ['XRP/ETH'],
      ...options.settings,
    },
    tag: TEST_TAG,
    instrumentOf: () => instrument,
    marks: () => new Map([['XRP/ETH', parseDecimal('0.001')]]),
    bestBid: options.bestBid ?? (() => undefined),
    metrics: createExecutionMetrics(options.registry ?? new Registry()),
    budget: options.budget ?? new MemoryBudget(clock),
    sharedEpoch: options.sharedEpoch ?? new MemoryEpoch(),
    flushOutbox: options.flushOutbox ?? (async () => await Promise.resolve()),
    keepFrame: options.keepFrame ?? (async () => await Promise.resolve({ kind: 'ok' })),
    log,
  });
  for (const part of execution.parts) void part.run(ending).catch(options.onEnd ?? (() => {}));
  return execution;
}
