import type { ExitStep } from '../../services/replay/core/exit-step.ts';
import { ZERO, type Decimal } from '../../services/shared/domain/decimal.ts';
import type { Stance } from '../../services/shared/domain/stance.ts';

/** History of the positions. */
export interface Exits {
  /** In the order in which they happened. */
  readonly steps: readonly ExitStep[];
  /** Quantities below it cannot be sold: the venue takes no such order, at any price of the run. */
  readonly smallest: Decimal;
  /** Maximum time, in milliseconds, in which nobody works a position that should be left. */
  readonly idleBoundMs: number;
  /** From then on nothing is sent. */
  readonly endMs: number;
}

interface Position {
  stance: Stance | undefined;
  isStopped: boolean;
  held: Decimal;
  readonly live: Set<string>;
  idleSinceMs: number | undefined;
}

/**
 * Returns every violation of I9, as text: a position whose strategy is flat or whose stop triggered is being
 * worked, by a live order or by a decision about one, except for short times.
 */
export function exitViolations({ steps, smallest, idleBoundMs, endMs }: Exits): readonly string[] {
  const positions = new Map<string, Position>();
  const found: string[] = [];
  const check = (name: string, position: Position, atMs: number): void => {
    const idleMs = atMs - (position.idleSinceMs ?? atMs);
    if (idleMs > idleBoundMs) found.push(`I9: nobody worked ${name} for ${idleMs} ms, until ${atMs}`);
  };
  for (const step of steps) {
    if (step.at_ms > endMs) break;
    const name = `${step.strategy} ${step.symbol}`;
    const position = positions.get(name) ?? newPosition();
    positions.set(name, position);
    check(name, position, step.at_ms);
    apply(position, step);
    const began = step.kind === 'Decided' ? undefined : position.idleSinceMs;
    position.idleSinceMs = isIdle(position, smallest) ? (began ?? step.at_ms) : undefined;
  }
  for (const [name, position] of positions) check(name, position, endMs);
  return found;
}

function isIdle({ stance, isStopped, held, live }: Position, smallest: Decimal): boolean {
  return (stance === 'Flat' || isStopped) && held >= smallest && live.size === 0;
}

function newPosition(): Position {
  return { stance: undefined, isStopped: false, held: ZERO, live: new Set(), idleSinceMs: undefined };
}

function apply(position: Position, step: ExitStep): void {
  if (step.kind === 'Stance') position.stance = step.stance;
  else if (step.kind === 'Held') position.held = step.quantity;
  else if (step.kind === 'StopTriggered') position.isStopped = true;
  else if (step.kind === 'Entered') position.isStopped = false;
  else if (step.kind === 'Ended') position.live.delete(step.client_order_id);
  else if (step.client_order_id !== undefined) position.live.add(step.client_order_id);
}
