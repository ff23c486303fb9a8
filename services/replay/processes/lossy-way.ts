import type { ExecutionStore } from '../../execution/ports.ts';
import type { RiskStore } from '../../risk/ports.ts';
import { CommitUnknownError } from '../../shared/postgres/errors.ts';
import type { Network } from '../core/network.ts';
import type { Scheduler } from '../core/scheduler.ts';
import type { StoreFaults } from '../core/store-faults.ts';
import type { Way } from './crashable.ts';

export interface LossyWayOptions {
  readonly scheduler: Pick<Scheduler, 'sleep' | 'monotonicMs'>;
  readonly network: Pick<Network, 'statementMs' | 'losesStatement'>;
  readonly storeFaults: StoreFaults;
}

/** As the driver of Postgres says it. */
const UNAVAILABLE = 'Connection terminated unexpectedly';
const TIMED_OUT = 'Query read timeout';
/** How long a statement waits for a lock, as execution's pool has it. */
const LOCK_TIMEOUT_MS = 2_000;

type Statement = keyof ExecutionStore | keyof RiskStore;

/** Statements that touch no order: somebody who locks the orders does not hold them back. */
const UNLOCKED: ReadonlySet<string> = new Set<Statement>([
  'readFence',
  'raiseFence',
  'releaseFence',
  'recordIdentity',
  'readTradingStates',
  'setTradingState',
]);
const COMMITS: ReadonlySet<string> = new Set<Statement>(['commitIntent', 'recordObservation', 'decideAll']);

/**
 * Returns the way to the database and back: it takes a while, some statements and answers are lost, a lock holds
 * statements back until they time out, and the outcome of some commits stays unknown.
 */
export function lossyWay({ scheduler, network, storeFaults }: LossyWayOptions): Way {
  return async (stage, statement) => {
    const isHeld = stage === 'There' && !UNLOCKED.has(statement);
    const lockedMs = isHeld ? storeFaults.lockedForMs(scheduler.monotonicMs()) : 0;
    if (lockedMs > 0) await untilUnlocked(scheduler, lockedMs);
    await scheduler.sleep(network.statementMs() + storeFaults.slowMs());
    if (network.losesStatement()) throw new Error(UNAVAILABLE);
    if (stage === 'Back' && COMMITS.has(statement) && storeFaults.losesCommit())
      throw new CommitUnknownError(new Error(UNAVAILABLE));
  };
}

async function untilUnlocked(scheduler: LossyWayOptions['scheduler'], lockedMs: number): Promise<void> {
  await scheduler.sleep(Math.min(lockedMs, LOCK_TIMEOUT_MS));
  if (lockedMs > LOCK_TIMEOUT_MS) throw new Error(TIMED_OUT);
}
