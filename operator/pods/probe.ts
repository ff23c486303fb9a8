import { statuszSchema, type Statusz } from '../../services/shared/contracts/statusz.ts';
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

export const NOT_ASKED: Silent = { kind: 'Silent', message: 'not asked yet', pending: true };

/** Starts asking. `onChange` is called after the first request, and whenever the answer changed significantly. */
export function startProbe(first: ProbeTarget, modules: ProbeModules, onChange: () => void): Probe {
  const { clock, log, intervalMs, keepMs, slots } = modules;
  const end = new AbortController();
  let target = first;
  let last: { readonly statusz: Statusz; readonly atMs: number } | undefined;
  /** Why the last request failed; undefined if it succeeded. */
  let failure: string | undefined;
  let reported: string | undefined;

  function answer(ready: boolean): PodAnswer {
    const ageMs = last === undefined ? Number.POSITIVE_INFINITY : clock.monotonicMs() - last.atMs;
    // Not for a pod that is no longer ready, because the kubelet notices a dead process before the operator does.
    const isValid = ageMs <= keepMs && (failure === undefined || ready);
    const fresh = ageMs <= intervalMs + ANSWER_MS;
    if (last !== undefined && isValid) return { kind: 'Answered', statusz: last.statusz, ageMs, fresh };
    if (failure !== undefined) return { kind: 'Silent', message: `no answer from /statusz: ${failure}` };
    if (last === undefined) return NOT_ASKED;
    return { kind: 'Silent', message: `no answer from /statusz for ${Math.round(ageMs)} ms` };
  }

  function report(): void {
    const current = answer(target.ready);
    const significant = current.kind === 'Answered' ? significantStatus(current.statusz) : current.kind;
    if (significant === reported) return;
    const { uid, service, ip } = target;
    log.debug({ uid, service, ip, answer: current.kind, problem: failure }, 'status of a process changed');
    reported = significant;
    onChange();
  }

  async function ask(): Promise<void> {
    try {
      const statusz = statuszSchema.parse(await requestStatusz(target, modules, end.signal));
      last = { statusz, atMs: clock.monotonicMs() };
      failure = undefined;
    } catch (error) {
      failure = whyUnanswered(error);
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
      await ask().finally(release);
      await clock.sleep(intervalMs, end.signal);
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
  { clock, getStatusz, timeoutMs }: ProbeModules,
  end: AbortSignal,
): Promise<unknown> {
  const cancel = new AbortController();
  const done = new AbortController();
  const cancelled = Promise.withResolvers<never>();
  const stop = (reason: Error): void => {
    cancel.abort(reason);
    cancelled.reject(reason);
  };
  const onEnd = (): void => stop(new Error('the probe has ended'));
  end.addEventListener('abort', onEnd, { once: true, signal: done.signal });
  clock.sleep(timeoutMs, done.signal).then(
    () => stop(new Error(`no response within ${timeoutMs} ms`)),
    () => undefined,
  );
  try {
    return await Promise.race([getStatusz(podUrl(target, '/statusz'), cancel.signal), cancelled.promise]);
  } finally {
    done.abort(new Error('the request has ended'));
  }
}
