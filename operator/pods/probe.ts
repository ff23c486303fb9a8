import { senderRow } from '../../services/shared/contracts/catalogue.ts';
import { statuszSchema, type SenderRole, type Statusz } from '../../services/shared/contracts/statusz.ts';
import type { Clock } from '../../services/shared/runtime/clock.ts';
import type { Logger } from '../../services/shared/runtime/logger.ts';
import { whyUnanswered } from './ask-pod.ts';
import type { GetStatusz } from './get-statusz.ts';
import type { PodAnswer, Silent } from './pod-answer.ts';
import { podUrl, type PodTarget } from './pod-target.ts';
import type { RequestSlots, SlotKind } from './request-slots.ts';
import { significantStatus } from './significant-status.ts';

/** A pod with an address. */
export type ProbeTarget = PodTarget & { readonly ip: string };

export interface ProbeModules {
  readonly clock: Clock;
  readonly log: Logger;
  readonly getStatusz: GetStatusz;
  readonly slots: RequestSlots;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly keepMs: number;
}

/**
 * Asks one process for its status until it is ended. One address for life: a pod whose address changes gets a new
 * probe, so that a late answer from the old address is never taken for one from the new.
 */
export interface Probe {
  readonly target: ProbeTarget;
  /** Changes the readiness of the pod. */
  update(target: ProbeTarget): void;
  answer(ready: boolean): PodAnswer;
  end(): void;
  /** Resolves when no request is in flight any more. */
  readonly ended: Promise<void>;
}

/** Between two answers of a healthy process lie the interval and at most this time to answer. */
const ANSWER_MS = 500;

/** A sender that does not answer so many requests in a row is lost: a single one may be lost on its way. */
const LOST_AFTER = 2;

function missesOf(missed: number): Pick<PodAnswer, 'missed' | 'lost'> {
  return missed === 0 ? {} : { missed, ...(missed < LOST_AFTER ? {} : { lost: true }) };
}

/**
 * A process that holds the fence, or is about to end, is asked more often, each time with a shorter deadline, until it
 * is lost: a spare takes over from it. From the start of one request to the start of the next.
 */
const SENDER_PACE = { intervalMs: 250, timeoutMs: 400 } as const;
const WATCHED: ReadonlySet<SenderRole> = new Set(['activating', 'active', 'draining', 'fenced']);

export const NOT_ASKED: Silent = { kind: 'Silent', message: 'not asked yet', pending: true };

/** Whether another process may have to take over from it soon. */
function isWatched(statusz: Statusz | undefined, missed: number): boolean {
  const role = statusz?.sender?.role;
  return role !== undefined && WATCHED.has(role) && missed < LOST_AFTER;
}

/** Starts asking. `onChange` is called after the first request, and whenever the answer changed significantly. */
export function startProbe(first: ProbeTarget, modules: ProbeModules, onChange: () => void): Probe {
  const { clock, log, intervalMs, timeoutMs, keepMs, slots } = modules;
  const end = new AbortController();
  let target = first;
  let last: { readonly statusz: Statusz; readonly atMs: number } | undefined;
  /** Why the last request failed; undefined if it succeeded. */
  let failure: string | undefined;
  let missed = 0;
  let reported: string | undefined;

  function answer(ready: boolean): PodAnswer {
    const ageMs = last === undefined ? Number.POSITIVE_INFINITY : clock.monotonicMs() - last.atMs;
    // Not for a pod that is no longer ready, because the kubelet notices a dead process before the operator does.
    const isValid = ageMs <= keepMs && (failure === undefined || ready);
    const fresh = ageMs <= intervalMs + ANSWER_MS;
    const misses = missesOf(missed);
    if (last !== undefined && isValid) return { kind: 'Answered', statusz: last.statusz, ageMs, fresh, ...misses };
    if (failure !== undefined) return { kind: 'Silent', message: `no answer from /statusz: ${failure}`, ...misses };
    if (last === undefined) return NOT_ASKED;
    return { kind: 'Silent', message: `no answer from /statusz for ${Math.round(ageMs)} ms` };
  }

  function report(): void {
    const current = answer(target.ready);
    const said = current.kind === 'Answered' ? significantStatus(current.statusz) : current.kind;
    const significant = current.lost === true ? `${said} lost` : said;
    if (significant === reported) return;
    const { uid, service, ip } = target;
    log.debug({ uid, service, ip, answer: current.kind, problem: failure }, 'status of a process changed');
    reported = significant;
    onChange();
  }

  async function ask(deadlineMs: number): Promise<void> {
    try {
      const statusz = await requestStatusz(target, modules, { deadlineMs, end: end.signal });
      last = { statusz, atMs: clock.monotonicMs() };
      failure = undefined;
      missed = 0;
    } catch (error) {
      failure = whyUnanswered(error);
      // No other process has a spare that takes over.
      if (target.service === senderRow().name) missed += 1;
    }
    if (!end.signal.aborted) report();
  }

  function kind(): SlotKind {
    if (failure !== undefined) return 'Silent';
    return last === undefined ? 'New' : 'Answering';
  }

  async function run(): Promise<void> {
    while (!end.signal.aborted) {
      const release = await slots.take(kind(), end.signal);
      const startMs = clock.monotonicMs();
      await ask(isWatched(last?.statusz, missed) ? Math.min(timeoutMs, SENDER_PACE.timeoutMs) : timeoutMs).finally(
        release,
      );
      const restMs = Math.max(0, SENDER_PACE.intervalMs + startMs - clock.monotonicMs());
      await clock.sleep(isWatched(last?.statusz, missed) ? restMs : intervalMs, end.signal);
    }
  }

  const ended = run().catch((error: unknown) => {
    if (!end.signal.aborted) throw error;
  });
  return {
    get target() {
      return target;
    },
    update: (next) => {
      target = next;
    },
    answer,
    end: () => end.abort(new Error('the probe has ended')),
    ended,
  };
}

/** Rejects after the deadline, and when the probe ends, even if the request ignores its signal. */
async function requestStatusz(
  target: ProbeTarget,
  { clock, getStatusz }: ProbeModules,
  { deadlineMs, end }: { readonly deadlineMs: number; readonly end: AbortSignal },
): Promise<Statusz> {
  const cancel = new AbortController();
  const done = new AbortController();
  const cancelled = Promise.withResolvers<never>();
  const stop = (reason: Error): void => {
    cancel.abort(reason);
    cancelled.reject(reason);
  };
  const onEnd = (): void => stop(new Error('the probe has ended'));
  end.addEventListener('abort', onEnd, { once: true, signal: done.signal });
  clock.sleep(deadlineMs, done.signal).then(
    () => stop(new Error(`no response within ${deadlineMs} ms`)),
    () => undefined,
  );
  try {
    const answer = getStatusz(podUrl(target, '/statusz'), cancel.signal);
    return statuszSchema.parse(await Promise.race([answer, cancelled.promise]));
  } finally {
    done.abort(new Error('the request has ended'));
  }
}
