import { GATES, type Gate } from '../rollout/gates.ts';
import { isReturn } from '../rollout/requested-release.ts';
import type {
  ExecutionStatus,
  ReleaseStatus,
  SwapStatus,
  TierStatus,
  TradingStackStatus,
} from '../../../api/v1alpha1/trading-stack/status.ts';

/** How the rollout of a release ended. */
export type RolloutOutcome = 'promoted' | 'rolled_back' | 'superseded';

/** Something that has just ended, with the time that it took. */
export type Measurement =
  | { readonly kind: 'Rollout'; readonly outcome: RolloutOutcome; readonly seconds: number }
  | { readonly kind: 'GateWait'; readonly gate: Gate['name']; readonly seconds: number }
  | { readonly kind: 'Swap'; readonly gapSeconds: number; readonly overlapSeconds: number }
  /** Of a swap that was measured before: its old sender has sent again. */
  | { readonly kind: 'Overlap'; readonly overlapSeconds: number };

/** Returns what ended between two statuses. Equal statuses give nothing, so everything is measured once. */
export function measurementsBetween(before: TradingStackStatus, after: TradingStackStatus): readonly Measurement[] {
  const nowMs = Date.parse(after.observedAt ?? '');
  if (Number.isNaN(nowMs)) return [];
  return [
    ...rolloutsBetween(before.release, after.release, nowMs),
    ...(after.tiers ?? []).flatMap((tier) => gateWaits(tier, before.tiers ?? [])),
    ...swapsBetween(before.execution, after.execution),
  ];
}

function rolloutsBetween(
  last: ReleaseStatus | undefined,
  now: ReleaseStatus | undefined,
  nowMs: number,
): readonly Measurement[] {
  const outcome = now === undefined ? undefined : outcomeOf(last, now);
  if (outcome === undefined) return [];
  const [newest] = (outcome === 'promoted' ? now : last)?.history ?? [];
  if (newest === undefined) return [];
  return [{ kind: 'Rollout', outcome, seconds: secondsBetween(newest.since, nowMs) }];
}

function outcomeOf(last: ReleaseStatus | undefined, now: ReleaseStatus): RolloutOutcome | undefined {
  if (last?.target === undefined || last.target === now.target) return isPromoted(last, now) ? 'promoted' : undefined;
  // A release that ran in all tiers before is not rolled out any more.
  if (last.current === last.target) return undefined;
  return isReturn(now.target ?? '', now, 'Changed') ? 'rolled_back' : 'superseded';
}

function isPromoted(last: ReleaseStatus | undefined, { target, current }: ReleaseStatus): boolean {
  return current !== undefined && current === target && current !== last?.current;
}

/** From the start of a tier to the last change of each of its gates, once the tier has passed. */
function gateWaits({ name, release, state, gates }: TierStatus, all: readonly TierStatus[]): readonly Measurement[] {
  const before = all.find((one) => one.name === name && one.release === release);
  if (state !== 'Passed' || before?.state !== 'Progressing') return [];
  return gates.flatMap((gate) => {
    const known = GATES.find((each) => each.name === gate.name);
    const seconds = secondsBetween(before.since, Date.parse(gate.since));
    return known === undefined ? [] : [{ kind: 'GateWait', gate: known.name, seconds } as const];
  });
}

function swapsBetween(last: ExecutionStatus | undefined, now: ExecutionStatus | undefined): readonly Measurement[] {
  const swap = now?.lastSwap;
  if (swap?.gapMs === undefined) return [];
  const before = last?.lastSwap?.epoch === swap.epoch ? last.lastSwap : undefined;
  const overlapSeconds = overlapOf(swap);
  if (before?.gapMs === undefined) return [{ kind: 'Swap', gapSeconds: swap.gapMs / 1_000, overlapSeconds }];
  return overlapSeconds > overlapOf(before) ? [{ kind: 'Overlap', overlapSeconds }] : [];
}

function overlapOf({ overlapMs = 0 }: SwapStatus): number {
  return overlapMs / 1_000;
}

/** The clock may have been set back. */
function secondsBetween(from: string, toMs: number): number {
  return Math.max(0, toMs - Date.parse(from)) / 1_000;
}
