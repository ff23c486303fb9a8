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
  /** Whether the strategy has begun to want the position again since its stop triggered. */
  isWantedAgain: boolean;
  /** When each live sale was approved. */
  readonly sales: Map<string, number>;
  readonly buys: Set<string>;
  /** Since when nobody works it; while a sale does, when that sale excuses it no longer. */
  idleSinceMs: number | undefined;
  /** Since when its feed is stale, until somebody works it. */
  staleSinceMs: number | undefined;
  buyingSinceMs: number | undefined;
}

/**
 * Refusals that the venue forces: it lists no such pair, shows no side of a book, or takes no order of that size. After
 * any other one the position is as idle as before: whoever refuses an exit has to bring the cause to an end.
 */
const VENUE_CAUSES: ReadonlySet<string> = new Set<RefusalCode>(['InstrumentNotKnown', 'CollarUnknown', 'BelowMinimum']);
/** The venue may be silent, or we may not listen: it excuses for a bounded time. */
const STALE_FEED: string = 'FeedStale' satisfies RefusalCode;

/**
 * Returns every violation of I9, as text: a position whose strategy is flat or whose stop triggered is being worked
 * by a live sale, except for short times, and no buy of it lives on. A sale takes at once or ends, so that one that
 * lives for longer works nothing.
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
  }
  for (const [name, position] of positions) check(name, position, endMs);
  return found;
}

/** Notes since when nobody works a position that should be left, and since when a buy of it lives. */
function watch(
  position: Position,
  step: ExitStep,
  { smallest, idleBoundMs }: Pick<Exits, 'smallest' | 'idleBoundMs'>,
): void {
  const began = isForced(position, step, idleBoundMs) ? undefined : position.idleSinceMs;
  const workedUntilMs = Math.max(...position.sales.values()) + idleBoundMs;
  const isWorked = workedUntilMs > step.at_ms;
  const idleSinceMs = isWorked ? workedUntilMs : Math.min(began ?? step.at_ms, step.at_ms);
  position.idleSinceMs = shouldBeLess(position, smallest) ? idleSinceMs : undefined;
  if (isWorked || position.idleSinceMs === undefined) position.staleSinceMs = undefined;
  const isBuying = isLeaving(position) && position.buys.size > 0;
  position.buyingSinceMs = isBuying ? (position.buyingSinceMs ?? step.at_ms) : undefined;
}

function isLeaving({ stance, isStopped }: Position): boolean {
  return stance === 'Flat' || isStopped;
}

function shouldBeLess(position: Position, smallest: Decimal): boolean {
  return isLeaving(position) && position.held >= smallest;
}

/** Whether a step is a refusal that excuses the position until then. */
function isForced(position: Position, step: ExitStep, staleBoundMs: number): boolean {
  if (step.kind !== 'Refused') return false;
  if (step.code !== STALE_FEED) return VENUE_CAUSES.has(step.code);
  position.staleSinceMs ??= step.at_ms;
  return step.at_ms - position.staleSinceMs <= staleBoundMs;
}

function newPosition(): Position {
  const orders = { sales: new Map<string, number>(), buys: new Set<string>() };
  return {
    ...orders,
    stance: undefined,
    isStopped: false,
    isWantedAgain: false,
    held: ZERO,
    idleSinceMs: undefined,
    staleSinceMs: undefined,
    buyingSinceMs: undefined,
  };
}

function apply(position: Position, step: ExitStep): void {
  if (step.kind === 'Stance') want(position, step.stance);
  else if (step.kind === 'Held') position.held = step.quantity;
  else if (step.kind === 'StopTriggered') stop(position);
  else if (step.kind === 'Approved') approve(position, step);
  else if (step.kind === 'Ended')
    for (const orders of [position.sales, position.buys]) orders.delete(step.client_order_id);
}

function want(position: Position, stance: Stance): void {
  if (stance === 'Long' && position.stance !== 'Long') position.isWantedAgain = true;
  position.stance = stance;
}

function stop(position: Position): void {
  position.isStopped = true;
  position.isWantedAgain = false;
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
