import type { Network } from '../core/network.ts';
import type { Scheduler } from '../core/scheduler.ts';

/** As the driver of Postgres says it. */
const UNAVAILABLE = 'Connection terminated unexpectedly';

/** Returns one way to the database or back: it takes a while, and some statements and answers are lost. */
export function lossyWay(
  scheduler: Pick<Scheduler, 'sleep'>,
  network: Pick<Network, 'statementMs' | 'losesStatement'>,
): () => Promise<void> {
  return async () => {
    await scheduler.sleep(network.statementMs());
    if (network.losesStatement()) throw new Error(UNAVAILABLE);
  };
}
