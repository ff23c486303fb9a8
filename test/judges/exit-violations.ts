import type { ExitStep } from '../../services/replay/core/exit-step.ts';
import type { RefusalCode } from '../../services/risk/core/checks/check-outcome.ts';
import { ZERO, type Decimal } from '../../services/shared/domain/decimal.ts';
import type { Stance } from '../../services/shared/domain/stance.ts';

/** History of the positions. */
export interface Exits {
  /** In the order in which they happened. */
  readonly steps: readonly ExitStep[];
  /** Quantities below it cannot be sold: the venue takes no such order, at any price of the run. */
  readonly smallest: Decimal;
  /** Maximum time, in milliseconds, in which nobody works a position that should be left, or a buy of it lives. */
  readonly idleBoundMs: number;
  /** From then on nothing is sent. */
  readonly endMs: number;
}

interface Position {
  stance: Stance | undefined;
  isStopped: boolean;
  held: Decimal;
  readonly sales: Set<string>;
  readonly buys: Set<string>;
  idleSinceMs: number | undefined;
  buyingSinceMs: number | undefined;
}

/**
 * Refusals that the venue forces: it lists no such pair, shows no book, or takes no order of that size. After any other
 * one the position is as idle as before: whoever refuses an exit has to bring the cause to an end.
 */
const VENUE_CAUSES: ReadonlySet<string> = new Set<RefusalCode>([
  'InstrumentNotKnown',
  'FeedStale',
  'CollarUnknown',
  'BelowMinimum',
]);

/**
 * Returns every violation of I9, as text: a position whose strategy is flat or whose stop triggered is being worked
 * by a live sale, except for short times, and no buy of it lives on.
 */
export function exitViolations({ steps, smallest, idleBoundMs, endMs }: Exits): readonly string[] {
  const positions = new Map<string, Position>();
  const found: string[] = [];
  const check = (name: string, { idleSinceMs, buyingSinceMs }: Position, atMs: number): void => {
    const idleMs = atMs - (idleSinceMs ?? atMs);
    if (idleMs > idleBoundMs) found.push(`I9: nobody worked ${name} for ${idleMs} ms, until ${atMs}`);
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
    watch(position, step, smallest);
  }
  for (const [name, position] of positions) check(name, position, endMs);
  return found;
}

/** Notes since when nobody works a position that should be left, and since when a buy of it lives. */
function watch(position: Position, step: ExitStep, smallest: Decimal): void {
  const began = step.kind === 'Refused' && VENUE_CAUSES.has(step.code) ? undefined : position.idleSinceMs;
  position.idleSinceMs = isIdle(position, smallest) ? (began ?? step.at_ms) : undefined;
  const isBuying = isLeaving(position) && position.buys.size > 0;
  position.buyingSinceMs = isBuying ? (position.buyingSinceMs ?? step.at_ms) : undefined;
}

function isLeaving({ stance, isStopped }: Position): boolean {
  return stance === 'Flat' || isStopped;
}

function isIdle(position: Position, smallest: Decimal): boolean {
  return isLeaving(position) && position.held >= smallest && position.sales.size === 0;
}

function newPosition(): Position {
  const orders = { sales: new Set<string>(), buys: new Set<string>() };
  return {
    ...orders,
    stance: undefined,
    isStopped: false,
    held: ZERO,
    idleSinceMs: undefined,
    buyingSinceMs: undefined,
  };
}

function apply(position: Position, step: ExitStep): void {
  if (step.kind === 'Stance') position.stance = step.stance;
  else if (step.kind === 'Held') position.held = step.quantity;
  else if (step.kind === 'StopTriggered') position.isStopped = true;
  else if (step.kind === 'Approved') approve(position, step);
  else if (step.kind === 'Ended')
    for (const orders of [position.sales, position.buys]) orders.delete(step.client_order_id);
}

function approve(position: Position, { side, client_order_id: id }: Extract<ExitStep, { kind: 'Approved' }>): void {
  if (side === 'sell') position.sales.add(id);
  else {
    position.buys.add(id);
    position.isStopped = false;
  }
}
