import type { Clock } from '../../../services/shared/runtime/clock.ts';
import type { TradingStateOutcome } from '../../pods/post-trading-state.ts';
import type { ObservedPod } from './observe/observation.ts';
import type { CommandResult } from './trading/after-commands.ts';

/** Longer than an answer of the process to the prober stays valid. */
const KEEP_MS = 10_000;

/** Remembers what processes answered to commands, until they report it themselves. */
export interface CommandAnswers {
  note(uid: string, outcome: TradingStateOutcome): void;
  /** Returns the newest answer of each pod, unless its last report is newer, with the problem of its command. */
  resultsOf(
    pods: readonly ObservedPod[],
    problems: ReadonlyMap<string, CommandResult['problem']>,
  ): ReadonlyMap<string, CommandResult>;
}

/** Bound: one answer for each pod that answered within the last 10 s. */
export function createCommandAnswers(clock: Pick<Clock, 'monotonicMs'>): CommandAnswers {
  const answers = new Map<string, { readonly trading: CommandResult['trading']; readonly atMs: number }>();

  function newerThanReport({ uid, answer }: ObservedPod): CommandResult['trading'] {
    const known = answers.get(uid);
    if (known === undefined) return undefined;
    const ageMs = clock.monotonicMs() - known.atMs;
    return answer.kind === 'Answered' && ageMs <= answer.ageMs ? known.trading : undefined;
  }

  return {
    note: (uid, outcome) => {
      const nowMs = clock.monotonicMs();
      for (const [other, { atMs }] of answers) if (nowMs - atMs > KEEP_MS) answers.delete(other);
      const trading = 'body' in outcome ? outcome.body : undefined;
      if (trading !== undefined) answers.set(uid, { trading, atMs: nowMs });
    },
    resultsOf: (pods, problems) =>
      new Map(
        pods.flatMap((pod) => {
          const result = { problem: problems.get(pod.uid), trading: newerThanReport(pod) };
          return result.problem === undefined && result.trading === undefined ? [] : [[pod.uid, result] as const];
        }),
      ),
  };
}
