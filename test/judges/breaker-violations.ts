import type { BreakerStep } from '../../services/replay/core/breaker-step.ts';
import type { ExitStep } from '../../services/replay/core/exit-step.ts';
import { BREAKERS } from '../../services/shared/domain/breaker.ts';

/** History of the breakers and of the positions. Each is in the order in which it happened. */
export interface Tripping {
  readonly breakers: readonly BreakerStep[];
  readonly steps: readonly ExitStep[];
}

const BREAKER_CODES: ReadonlySet<string> = new Set(BREAKERS);

/**
 * Returns every violation of I12, as text: no buy is approved from when a breaker that concerns its instrument trips
 * until it leaves, and no breaker refuses the exit of a strategy that is flat.
 */
export function breakerViolations({ breakers, steps }: Tripping): readonly string[] {
  return [...boughtWhileTripped({ breakers, steps }), ...refusedExits(steps)];
}

function boughtWhileTripped({ breakers, steps }: Tripping): readonly string[] {
  const tripped = new Map<string, BreakerStep>();
  let applied = 0;
  return steps.flatMap((step, index) => {
    for (; (breakers[applied]?.afterSteps ?? Infinity) <= index; applied += 1) apply(tripped, breakers[applied]);
    if (step.kind !== 'Approved' || step.side !== 'buy') return [];
    const { client_order_id: id, at_ms: atMs } = step;
    return [...tripped.values()]
      .filter(({ symbol }) => symbol === '' || symbol === step.symbol)
      .map((one) => `I12: ${id} was approved ${atMs - one.at_ms} ms after ${one.breaker} tripped`);
  });
}

function refusedExits(steps: Tripping['steps']): readonly string[] {
  const flat = new Set<string>();
  return steps.flatMap((step) => {
    const name = `${step.strategy} ${step.symbol}`;
    if (step.kind === 'Stance') flat[step.stance === 'Flat' ? 'add' : 'delete'](name);
    const isRefused = step.kind === 'Refused' && flat.has(name) && BREAKER_CODES.has(step.code);
    return isRefused ? [`I12: an exit of ${name} was refused with ${step.code}`] : [];
  });
}

function apply(tripped: Map<string, BreakerStep>, step: BreakerStep | undefined): void {
  if (step === undefined) return;
  const key = `${step.breaker} ${step.symbol}`;
  if (step.kind === 'Tripped') tripped.set(key, step);
  else tripped.delete(key);
}
