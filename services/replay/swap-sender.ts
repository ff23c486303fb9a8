import type { DrainRequest } from '../shared/contracts/control.ts';
import type { Scheduler } from './core/scheduler.ts';
import type { ExecutionProcess } from './processes/execution-process.ts';

/**
 * How the operator of a swap behaves. Crashing: it crashes after it has asked for the drain, and its successor begins
 * again. Slow: it waits between drain and activation. Impatient: it activates without waiting for the drain. Outdated:
 * it first commands by an older epoch.
 */
export const SWAP_OPERATORS = ['Steady', 'Crashing', 'Slow', 'Impatient', 'Outdated'] as const;
export type SwapOperator = (typeof SWAP_OPERATORS)[number];

/** Clean: the old sender had drained. Back: the new one had been drained before. Obeyed: it took an older epoch. */
export interface SwapEnd {
  readonly operator: SwapOperator;
  readonly clean: boolean;
  readonly back: boolean;
  readonly obeyed: boolean;
  /** Whether the new sender had rehearsed recently when it was activated. */
  readonly rehearsed: boolean;
  /** Epoch that the new sender was to take, and when, virtual milliseconds; undefined if another one had taken over. */
  readonly activated: { readonly epoch: number; readonly atMs: number } | undefined;
}

export interface SwapOptions {
  readonly scheduler: Scheduler;
  readonly from: ExecutionProcess;
  readonly to: ExecutionProcess;
  readonly operator: SwapOperator;
  /** Whether `from` is still the process that should send. */
  readonly isCurrent: () => boolean;
  /** Grants `to` the next epoch, and returns it. */
  readonly activate: () => number;
}

const LOOK_MS = 200;
/** A process that is not rehearsed by then is activated all the same. */
const REHEARSED_WITHIN_MS = 5_000;
const DRAIN_MS = 2_000;
const CRASHED_MS = 3_000;
const SLOW_MS = 1_500;

async function rehearsed(scheduler: Scheduler, { execution }: ExecutionProcess): Promise<void> {
  const untilMs = scheduler.nowMs() + REHEARSED_WITHIN_MS;
  while (execution.sender().rehearsed !== true && scheduler.nowMs() < untilMs) await scheduler.sleep(LOOK_MS);
}

/** Commands by an epoch that is over. Resolves to whether either process obeyed. */
async function obeys({ from, to }: Pick<SwapOptions, 'from' | 'to'>, epoch: number): Promise<boolean> {
  const { accepted } = await from.execution.drain({ epoch, deadlineMs: DRAIN_MS, resting: 'Carry' });
  return accepted || (await to.execution.activate(epoch).catch(() => undefined))?.accepted === true;
}

/** Hands the fence from one process to another one, which waits for it. */
export async function swapSender({
  scheduler,
  from,
  to,
  operator,
  isCurrent,
  activate,
}: SwapOptions): Promise<SwapEnd> {
  const back = to.execution.sender().role === 'standby';
  await rehearsed(scheduler, to);
  const { epoch } = from.execution.sender();
  const drain = async (change: Partial<DrainRequest> = {}) =>
    await from.execution.drain({ epoch, deadlineMs: DRAIN_MS, resting: 'Carry', ...change });
  const obeyed = operator === 'Outdated' && epoch > 1 && (await obeys({ from, to }, epoch - 1));
  if (operator === 'Crashing') {
    void drain();
    await scheduler.sleep(CRASHED_MS);
  }
  const { response } = await drain(operator === 'Impatient' ? { deadlineMs: 0 } : {});
  if (operator === 'Slow') await scheduler.sleep(SLOW_MS);
  const { rehearsed: isRehearsed, role } = to.execution.sender();
  // Another operator may have swapped meanwhile: an operator that looks again finds that it sends, or has ended.
  const mayTake = role === 'warming' || role === 'armed' || role === 'standby';
  const activated = mayTake && isCurrent() ? { epoch: activate(), atMs: scheduler.nowMs() } : undefined;
  return { operator, clean: response.drained, back, obeyed, rehearsed: isRehearsed === true, activated };
}
