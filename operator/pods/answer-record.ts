import type { SenderRole, Statusz } from '../../services/shared/contracts/statusz.ts';
import type { Clock } from '../../services/shared/runtime/clock.ts';
import type { PodAnswer, Silent } from './pod-answer.ts';
import type { SlotKind } from './request-slots.ts';

export interface AnswerTimes {
  readonly clock: Clock;
  readonly intervalMs: number;
  readonly keepMs: number;
}

/** What a process answered last, and whether it still answers. */
export interface AnswerRecord {
  succeeded(statusz: Statusz): void;
  missed(why: string): void;
  answer(ready: boolean): PodAnswer;
  /** Why the last request failed; undefined if it succeeded. */
  readonly problem: string | undefined;
  readonly kind: SlotKind;
  /** Whether another process may have to take over from it soon. */
  readonly isWatched: boolean;
}

/** Between two answers of a healthy process lie the interval and at most this time to answer. */
const ANSWER_MS = 500;

/** A sender that does not answer so many requests in a row is lost: a single one may be lost on its way. */
const LOST_AFTER = 2;

/** Roles of a process that holds the fence, or is about to end. */
const WATCHED: ReadonlySet<SenderRole> = new Set(['activating', 'active', 'draining', 'fenced']);

export const NOT_ASKED: Silent = { kind: 'Silent', message: 'not asked yet', pending: true };

/** Records the answers of one process. Only one with a spare is ever lost: nothing takes over from the others. */
export function createAnswerRecord({ clock, intervalMs, keepMs }: AnswerTimes, hasSpare: boolean): AnswerRecord {
  let last: { readonly statusz: Statusz; readonly atMs: number } | undefined;
  let problem: string | undefined;
  let misses = 0;
  return {
    succeeded: (statusz) => {
      last = { statusz, atMs: clock.monotonicMs() };
      problem = undefined;
      misses = 0;
    },
    missed: (why) => {
      problem = why;
      if (hasSpare) misses += 1;
    },
    answer: (ready) => {
      const ageMs = last === undefined ? Number.POSITIVE_INFINITY : clock.monotonicMs() - last.atMs;
      // Not for a pod that is no longer ready, because the kubelet notices a dead process before the operator does.
      const isValid = ageMs <= keepMs && (problem === undefined || ready);
      const fresh = ageMs <= intervalMs + ANSWER_MS;
      const missed = missesOf(misses);
      if (last !== undefined && isValid) return { kind: 'Answered', statusz: last.statusz, ageMs, fresh, ...missed };
      if (problem !== undefined) return { kind: 'Silent', message: `no answer from /statusz: ${problem}`, ...missed };
      if (last === undefined) return NOT_ASKED;
      return { kind: 'Silent', message: `no answer from /statusz for ${Math.round(ageMs)} ms` };
    },
    get problem() {
      return problem;
    },
    get kind() {
      if (problem !== undefined) return 'Silent';
      return last === undefined ? 'New' : 'Answering';
    },
    get isWatched() {
      const role = last?.statusz.sender?.role;
      return role !== undefined && WATCHED.has(role) && misses < LOST_AFTER;
    },
  };
}

function missesOf(missed: number): Pick<PodAnswer, 'missed' | 'lost'> {
  return missed === 0 ? {} : { missed, ...(missed < LOST_AFTER ? {} : { lost: true }) };
}
