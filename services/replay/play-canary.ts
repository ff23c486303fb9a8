import type { CanaryTerms } from '../shared/contracts/control.ts';
import type { Decimal } from '../shared/domain/decimal.ts';
import type { Scheduler } from './core/scheduler.ts';
import type { ExecutionProcess } from './processes/execution-process.ts';

/** With what the next sender begins, and for how long after the choice of it. */
export interface PlannedCanary {
  readonly maxNotional: Decimal;
  readonly forMs: number;
}

/** A canary that was played. Virtual milliseconds. */
export interface PlayedCanary extends CanaryTerms {
  readonly beganAtMs: number;
  /** When the operator began to lift it; undefined if another sender had followed by then. */
  liftedAtMs: number | undefined;
}

const RETRY_MS = 200;

/** Plays the operator of a canary: lifts it once its time is over, until the sender has accepted that. */
export function playCanary(
  { maxNotional, forMs }: PlannedCanary,
  epoch: number,
  { scheduler, process }: { readonly scheduler: Scheduler; readonly process: ExecutionProcess },
): PlayedCanary {
  const played: PlayedCanary = { since: epoch, maxNotional, beganAtMs: scheduler.nowMs(), liftedAtMs: undefined };
  const { execution } = process;
  const holds = (): boolean => !process.isDead() && execution.sender().epoch === epoch;
  const lift = async (): Promise<void> => {
    if (holds()) played.liftedAtMs = scheduler.nowMs();
    while (holds() && (await execution.activate(epoch).catch(() => undefined))?.accepted !== true)
      await scheduler.sleep(RETRY_MS);
  };
  scheduler.after(forMs, () => void lift());
  return played;
}
