import type { ExitStep } from '../../services/replay/core/exit-step.ts';
import type { ObstacleReason } from '../../services/execution/core/sending.ts';
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
  /** Whether the strategy has begun to want the position again since its stop triggered. */
  isWantedAgain: boolean;
  /** When each live sale was approved. */
  readonly sales: Map<string, number>;
  readonly buys: Set<string>;
  /** Since when nobody works it; while a sale does, when that sale excuses it no longer. */
  idleSinceMs: number | undefined;
  /** Since when it is idle if what is approved now is never sent. */
  unsentSinceMs: number | undefined;
  /** Since when faults excuse it, until a sale is sent. */
  faultySinceMs: number | undefined;
  buyingSinceMs: number | undefined;
}

/**
 * Refusals that the venue forces: it lists no such pair, shows no side of a book, or takes no order of that size. After
 * any other one the position is as idle as before: whoever refuses an exit has to bring the cause to an end.
 */
const VENUE_CAUSES: ReadonlySet<string> = new Set<RefusalCode>(['InstrumentNotKnown', 'CollarUnknown', 'BelowMinimum']);
/**
 * Refusals, and reasons why a sale was not sent, that faults and changes of the sender cause. Our own mistakes may
 * cause them, too: they excuse for a bounded time.
 */
const OBSTACLES = [
  'NotActive',
  'DatabaseSlow',
  'PermitExpired',
  'ClockSkewed',
  'RateLimited',
] satisfies ObstacleReason[];
const UNSENT = ['BudgetSpent', 'CommitUnknown', 'NeverArrived', 'SignedTooLongAgo'];
const FAULTS: ReadonlySet<string> = new Set(['FeedStale' satisfies RefusalCode, ...OBSTACLES, ...UNSENT]);

/**
 * Returns every violation of I9, as text: a position whose strategy is flat or whose stop triggered is being worked
 * by a live sale, except for short times, and no buy of it lives on. A sale takes at once or ends, so that one that
 * lives for longer works nothing. Neither does one that ends without having been sent.
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
    watch(position, step, { smallest, idleBoundMs });
    watchBuys(position, step);
  }
  for (const [name, position] of positions) check(name, position, endMs);
  return found;
}

/** Notes since when nobody works a position that should be left. */
function watch(position: Position, step: ExitStep, { smallest, idleBoundMs }: Omit<Exits, 'steps' | 'endMs'>): void {
  const atMs = step.at_ms;
  const isExcused = isForced(position, step, idleBoundMs);
  if (!isLeaving(position) || position.held < smallest) {
    [position.idleSinceMs, position.unsentSinceMs, position.faultySinceMs] = [undefined, undefined, undefined];
    return;
  }
  const began = isExcused ? undefined : position.idleSinceMs;
  const workedUntilMs = Math.max(...position.sales.values()) + idleBoundMs;
  position.idleSinceMs = workedUntilMs > atMs ? workedUntilMs : Math.min(began ?? atMs, atMs);
  position.unsentSinceMs = isExcused ? atMs : (position.unsentSinceMs ?? atMs);
}

/** Notes since when a buy lives of a position that should be left. */
function watchBuys(position: Position, { at_ms: atMs }: ExitStep): void {
  const isBuying = isLeaving(position) && position.buys.size > 0;
  position.buyingSinceMs = isBuying ? (position.buyingSinceMs ?? atMs) : undefined;
}

function isLeaving({ stance, isStopped }: Position): boolean {
  return stance === 'Flat' || isStopped;
}

/** Whether a step excuses the position until then. */
function isForced(position: Position, step: ExitStep, faultBoundMs: number): boolean {
  const cause = causeOf(step);
  if (cause === undefined || !FAULTS.has(cause)) return step.kind === 'Refused' && VENUE_CAUSES.has(step.code);
  position.faultySinceMs ??= step.at_ms;
  return step.at_ms - position.faultySinceMs <= faultBoundMs;
}

/** Why a sale was refused or not sent. */
function causeOf(step: ExitStep): string | undefined {
  if (step.kind === 'Refused') return step.code;
  const isUnsent = step.kind === 'Ended' && step.side === 'sell' && step.state.kind === 'NeverSent';
  return isUnsent ? step.state.reason : undefined;
}

function newPosition(): Position {
  const orders = { sales: new Map<string, number>(), buys: new Set<string>() };
  const times = {
    idleSinceMs: undefined,
    unsentSinceMs: undefined,
    faultySinceMs: undefined,
    buyingSinceMs: undefined,
  };
  return { ...orders, ...times, stance: undefined, isStopped: false, isWantedAgain: false, held: ZERO };
}

function apply(position: Position, step: ExitStep): void {
  if (step.kind === 'Stance') want(position, step.stance);
  else if (step.kind === 'Held') position.held = step.quantity;
  else if (step.kind === 'StopTriggered') [position.isStopped, position.isWantedAgain] = [true, false];
  else if (step.kind === 'Approved') approve(position, step);
  else if (step.kind === 'Ended') end(position, step);
}

function want(position: Position, stance: Stance): void {
  if (stance === 'Long' && position.stance !== 'Long') position.isWantedAgain = true;
  position.stance = stance;
}

/** A stop ends with the first buy of a stance that began after it. */
function approve(
  position: Position,
  { side, client_order_id: id, at_ms: atMs }: Extract<ExitStep, { kind: 'Approved' }>,
): void {
  if (side === 'sell') position.sales.set(id, atMs);
  else {
    position.buys.add(id);
    if (position.isWantedAgain) position.isStopped = false;
  }
}

/** A sale that was never sent was no work: the position is as idle as before it. */
function end(position: Position, { side, client_order_id: id, state }: Extract<ExitStep, { kind: 'Ended' }>): void {
  if (side === 'buy') position.buys.delete(id);
  else if (position.sales.delete(id)) {
    if (state.kind === 'NeverSent') position.idleSinceMs = position.unsentSinceMs;
    else [position.unsentSinceMs, position.faultySinceMs] = [undefined, undefined];
  }
}
