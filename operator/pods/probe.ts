import { senderRow } from '../../services/shared/contracts/catalogue.ts';
import { statuszSchema, type Statusz } from '../../services/shared/contracts/statusz.ts';
import type { Clock } from '../../services/shared/runtime/clock.ts';
import type { Logger } from '../../services/shared/runtime/logger.ts';
import { createAnswerRecord } from './answer-record.ts';
import { whyUnanswered } from './ask-pod.ts';
import type { GetStatusz } from './get-statusz.ts';
import type { PodAnswer } from './pod-answer.ts';
import { podUrl, type PodTarget } from './pod-target.ts';
import type { RequestSlots } from './request-slots.ts';
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
  /** Asks without waiting for the interval. A request in flight may have been answered before: another one follows. */
  askAgain(): void;
  end(): void;
  /** Resolves when no request is in flight any more. */
  readonly ended: Promise<void>;
}

/**
 * A process that holds the fence, or is about to end, is asked more often, each time with a shorter deadline, until it
 * is lost: a spare takes over from it. From the start of one request to the start of the next.
 */
const SENDER_PACE = { intervalMs: 250, timeoutMs: 400 } as const;

/** Starts asking. `onChange` is called after the first request, and whenever the answer changed significantly. */
export function startProbe(first: ProbeTarget, modules: ProbeModules, onChange: () => void): Probe {
  const { clock, log, intervalMs, timeoutMs, slots } = modules;
  const end = new AbortController();
  let waiting = new AbortController();
  let target = first;
  const record = createAnswerRecord(modules, first.service === senderRow().name);
  let reported: string | undefined;

  function report(): void {
    const current = record.answer(target.ready);
    const said = current.kind === 'Answered' ? significantStatus(current.statusz) : current.kind;
    const significant = current.lost === true ? `${said} lost` : said;
    if (significant === reported) return;
    const { uid, service, ip } = target;
    log.debug({ uid, service, ip, answer: current.kind, problem: record.problem }, 'status of a process changed');
    reported = significant;
    onChange();
  }

  async function ask(deadlineMs: number): Promise<void> {
    try {
      record.succeeded(await requestStatusz(target, modules, { deadlineMs, end: end.signal }));
    } catch (error) {
      record.missed(whyUnanswered(error));
    }
    if (!end.signal.aborted) report();
  }

  async function run(): Promise<void> {
    while (!end.signal.aborted) {
      waiting = new AbortController();
      const release = await slots.take(record.kind, end.signal);
      const startMs = clock.monotonicMs();
      await ask(record.isWatched ? Math.min(timeoutMs, SENDER_PACE.timeoutMs) : timeoutMs).finally(release);
      const restMs = Math.max(0, SENDER_PACE.intervalMs + startMs - clock.monotonicMs());
      await pause(record.isWatched ? restMs : intervalMs, waiting.signal);
    }
  }

  async function pause(ms: number, signal: AbortSignal): Promise<void> {
    await clock.sleep(ms, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
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
    answer: (ready) => record.answer(ready),
    askAgain: () => waiting.abort(),
    end: () => {
      end.abort(new Error('the probe has ended'));
      waiting.abort();
    },
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
