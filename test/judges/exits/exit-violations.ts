import type { ExitStep } from '../../../services/replay/core/exit-step.ts';
import { ZERO, type Decimal } from '../../../services/shared/domain/decimal.ts';
import type { Stance } from '../../../services/shared/domain/stance.ts';
import { isExcuse } from './exit-excuses.ts';

/** History of the positions. */
export interface Exits {
  /** In the order in which they happened. */
  readonly steps: readonly ExitStep[];
  /** Quantities below it cannot be sold: the venue takes no such order, at any price of the run. */
  readonly smallest: Decimal;
  /** Maximum time, in milliseconds, in which no sale works a position that should be left, or a buy of it lives. */
  readonly idleBoundMs: number;
  /** Maximum time, in milliseconds, in which one fault after another excuses that. */
  readonly faultBoundMs: number;
  /** Maximum time, in milliseconds, in which sales work a position that should be left, and sell none of it. */
  readonly keptBoundMs: number;
  /** From then on nothing is sent. */
  readonly endMs: number;
}

interface Position {
  stance: Stance | undefined;
  /** Since when the strategy wants that. */
  changedAtMs: number;
  /** When its stop was reached, until the first buy of a stance that began later. */
  stoppedAtMs: number | undefined;
  held: Decimal;
  /** When each live sale was approved. */
  readonly sales: Map<string, number>;
  readonly buys: Set<string>;
  /** Since when no sale works it; while one does, when that sale excuses it no longer. */
  idleSinceMs: number | undefined;
  /** Since when it is idle if what is approved now is never sent. */
  unsentSinceMs: number | undefined;
  /** Since when faults excuse it, until a sale is sent. */
  faultySinceMs: number | undefined;
  buyingSinceMs: number | undefined;
  /** Since when none of it was sold. */
  keptSinceMs: number | undefined;
}

/**
 * Returns every violation of I9, as text: a position whose strategy is flat or whose stop triggered is being worked
 * by a live sale, except for short times, and is sold in the end; no buy of it is approved, nor lives on. A sale takes
 * at once or ends, so that one that lives for longer works nothing. Neither does one that ends without having been
 * accepted by the venue.
 */
export function exitViolations({ steps, endMs, ...bounds }: Exits): readonly string[] {
  const { idleBoundMs, keptBoundMs } = bounds;
  const positions = new Map<string, Position>();
  const found: string[] = [];
  const check = (name: string, { idleSinceMs, buyingSinceMs, keptSinceMs }: Position, atMs: number): void => {
    const idleMs = atMs - (idleSinceMs ?? atMs);
    if (idleMs > idleBoundMs) found.push(`I9: no sale worked ${name} for ${idleMs} ms, until ${atMs}`);
    const keptMs = atMs - (keptSinceMs ?? atMs);
    if (keptMs > keptBoundMs) found.push(`I9: none of ${name} was sold for ${keptMs} ms, until ${atMs}`);
    const buyingMs = atMs - (buyingSinceMs ?? atMs);
    if (buyingMs > idleBoundMs)
      found.push(`I9: ${name} should be left and was bought for ${buyingMs} ms, until ${atMs}`);
  };
  for (const step of steps) {
    if (step.at_ms > endMs) break;
    const name = `${step.strategy} ${step.symbol}`;
    const position = positions.get(name) ?? newPosition();
    positions.set(name, position);
    check(name, position, step.at_ms);
    apply(position, step);
    if (step.kind === 'Approved' && step.side === 'buy' && isLeaving(position))
      found.push(`I9: ${name} should be left, and a buy of it was approved at ${step.at_ms}`);
    watch(position, step, bounds);
    watchBuys(position, step);
  }
  for (const [name, position] of positions) check(name, position, endMs);
  return found;
}

/** Notes since when no sale works a position that should be left, and since when none of it was sold. */
function watch(
  position: Position,
  step: ExitStep,
  { smallest, idleBoundMs, faultBoundMs }: Pick<Exits, 'smallest' | 'idleBoundMs' | 'faultBoundMs'>,
): void {
  const atMs = step.at_ms;
  const isExcused = isExcusedBy(position, step, faultBoundMs);
  if (!isLeaving(position) || position.held < smallest) {
    Object.assign(position, NOT_LEAVING);
    return;
  }
  const began = isExcused ? undefined : position.idleSinceMs;
  const workedUntilMs = Math.max(...position.sales.values()) + idleBoundMs;
  position.idleSinceMs = Math.max(workedUntilMs, Math.min(began ?? atMs, atMs));
  position.unsentSinceMs = isExcused ? atMs : (position.unsentSinceMs ?? atMs);
  position.keptSinceMs ??= atMs;
}

/** Notes since when a buy lives of a position that should be left. */
function watchBuys(position: Position, { at_ms: atMs }: ExitStep): void {
  const isBuying = isLeaving(position) && position.buys.size > 0;
  position.buyingSinceMs = isBuying ? (position.buyingSinceMs ?? atMs) : undefined;
}

function isLeaving({ stance, stoppedAtMs }: Position): boolean {
  return stance === 'Flat' || stoppedAtMs !== undefined;
}

/** Whether a step excuses the position until then. */
function isExcusedBy(position: Position, step: ExitStep, faultBoundMs: number): boolean {
  if (!isExcuse(step)) return false;
  position.faultySinceMs ??= step.at_ms;
  return step.at_ms - position.faultySinceMs <= faultBoundMs;
}

const NOT_LEAVING = {
  idleSinceMs: undefined,
  unsentSinceMs: undefined,
  faultySinceMs: undefined,
  keptSinceMs: undefined,
} as const;

function newPosition(): Position {
  const orders = { sales: new Map<string, number>(), buys: new Set<string>() };
  const wanted = { stance: undefined, changedAtMs: 0, stoppedAtMs: undefined };
  return { ...orders, ...wanted, ...NOT_LEAVING, buyingSinceMs: undefined, held: ZERO };
}

function apply(position: Position, step: ExitStep): void {
  if (step.kind === 'Stance') [position.stance, position.changedAtMs] = [step.stance, step.changed_at];
  else if (step.kind === 'Held') hold(position, step.quantity);
  else if (step.kind === 'StopTriggered') position.stoppedAtMs = step.reached_at;
  else if (step.kind === 'Approved') approve(position, step);
  else if (step.kind === 'Ended') end(position, step);
}

function hold(position: Position, quantity: Decimal): void {
  if (quantity < position.held) position.keptSinceMs = undefined;
  position.held = quantity;
}

/** A stop ends with the first buy of a stance that began after it. */
function approve(
  position: Position,
  { side, client_order_id: id, at_ms: atMs }: Extract<ExitStep, { kind: 'Approved' }>,
): void {
  if (side === 'sell') position.sales.set(id, atMs);
  else {
    position.buys.add(id);
    if (position.changedAtMs > (position.stoppedAtMs ?? 0)) position.stoppedAtMs = undefined;
  }
}

/** A sale that was never sent, or that the venue rejected, was no work: the position is as idle as before it. */
function end(position: Position, { side, client_order_id: id, state }: Extract<ExitStep, { kind: 'Ended' }>): void {
  if (side === 'buy') position.buys.delete(id);
  else if (position.sales.delete(id)) {
    if (state.kind === 'NeverSent' || state.kind === 'Rejected') position.idleSinceMs = position.unsentSinceMs;
    else [position.unsentSinceMs, position.faultySinceMs] = [undefined, undefined];
  }
}
