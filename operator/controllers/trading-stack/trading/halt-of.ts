import type { TradingState } from '../../../../services/shared/domain/trading-state.ts';
import type { HaltStatus, SourceStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import type { Observation } from '../observe/observation.ts';
import { confirmation } from './halt-confirmation.ts';
import { requesters } from './request-lines.ts';

/** What is known of a halt. */
export interface HaltFacts {
  /** With those that only processes still obey. */
  readonly sources: readonly SourceStatus[];
  readonly records: readonly SourceStatus[];
  readonly requested: TradingState;
  /** Whether every process obeys it. */
  readonly active: boolean;
  /** Since when every process has reported Halted, by the clock of the operator. */
  readonly observedMs: number | undefined;
}

/** Returns the halt of a stack as its status shows it. */
export function haltOf(
  { stack, pods, nowMs }: Observation,
  { sources, records, requested, active, observedMs }: HaltFacts,
): HaltStatus {
  if (requested !== 'Halted') return { active: false };
  const halting = sources.filter(({ state }) => state === 'Halted');
  const [since = new Date(nowMs).toISOString()] = halting.map((source) => source.since).sort();
  const before = stack.status.halt?.since === since ? stack.status.halt.confirmed : undefined;
  return {
    active,
    since,
    by: requesters(records, 'Halted'),
    // The time of a request may come from a clock that is ahead.
    ...confirmation(before, pods, {
      nowMs,
      sinceMs: Math.min(Date.parse(since), observedMs ?? Number.POSITIVE_INFINITY),
    }),
  };
}
