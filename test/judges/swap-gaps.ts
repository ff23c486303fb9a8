import type { ReplayResult } from '../../services/replay/run-replay.ts';

/** From the activation of the next sender to its first intent, after the old one had drained. */
export interface SwapGap {
  readonly epoch: number;
  /** Whether the next one could begin with what the old one had compared. */
  readonly rehearsed: boolean;
  /** Virtual milliseconds; undefined when it has committed no intent. */
  readonly gapMs: number | undefined;
}

/**
 * With lost statements, requests and replies. A rehearsed sender begins at once; one that is not compares everything
 * first. The median of 150 seeds is 0.7 s, of which its operator waits up to 0.2 s; the longest of 2,000
 * is 8.7 s.
 */
const LONGEST_MS = { rehearsed: 12_000, other: 20_000 } as const;

type Swapped = Pick<ReplayResult, 'swaps' | 'changedAtMs' | 'endMs'> & {
  readonly record: Pick<ReplayResult['record'], 'steps'>;
};

/** Returns the gap of each swap after which the run went on for long enough without another change. */
export function gapsOf({ swaps, changedAtMs, record, endMs }: Swapped): readonly SwapGap[] {
  return swaps.flatMap(({ clean, rehearsed, activated }) => {
    if (!clean || activated === undefined) return [];
    const { epoch, atMs } = activated;
    const untilMs = atMs + (rehearsed ? LONGEST_MS.rehearsed : LONGEST_MS.other);
    const changes = changedAtMs.filter((changeMs) => changeMs >= atMs && changeMs <= untilMs);
    // Its own is one.
    if (untilMs > endMs || changes.length > 1) return [];
    const first = record.steps.find((step) => step.epoch === epoch && step.state === 'Intended');
    return [{ epoch, rehearsed, gapMs: first && first.at_ms - atMs }];
  });
}

/** Gap: after a clean drain, the next sender sends within bounds. */
export function lateSenders(gaps: readonly SwapGap[]): readonly string[] {
  return gaps.flatMap(({ epoch, rehearsed, gapMs }) => {
    const boundMs = rehearsed ? LONGEST_MS.rehearsed : LONGEST_MS.other;
    if (gapMs !== undefined && gapMs <= boundMs) return [];
    const sent = gapMs === undefined ? 'has sent nothing' : `took ${gapMs} ms, at most ${boundMs}`;
    return [`gap: epoch ${epoch} ${sent} after a clean drain`];
  });
}
