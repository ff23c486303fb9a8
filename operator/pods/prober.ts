import { senderRow } from '../../services/shared/contracts/catalogue.ts';
import type { Clock } from '../../services/shared/runtime/clock.ts';
import type { Logger } from '../../services/shared/runtime/logger.ts';
import { getStatusz as requestStatusz, type GetStatusz } from './get-statusz.ts';
import type { PodAnswer } from './pod-answer.ts';
import type { PodTarget } from './pod-target.ts';
import { NOT_ASKED } from './answer-record.ts';
import { startProbe, type Probe, type ProbeModules, type ProbeTarget } from './probe.ts';
import { createRequestSlots } from './request-slots.ts';

/**
 * Asks the processes of all stacks for their status on a clock of its own, so that a reconcile never waits for a
 * process, and a silent process delays only what depends on it. States: asking -> stopped.
 */
export interface Prober {
  /** Sets the pods of a stack. A new pod is asked at once; pods that are missing are forgotten. */
  watch(key: string, targets: readonly PodTarget[]): void;
  /** Asks the senders of a stack now: a command has changed what they answer. */
  askSenders(key: string): void;
  /** Forgets a stack and its pods. */
  forget(key: string): void;
  /**
   * Returns the newest answers by UID of the pod. An answer is valid for the keep time; that of a pod that is not ready
   * only until a request fails.
   */
  answersOf(pods: readonly PodTarget[]): ReadonlyMap<string, PodAnswer>;
  /** Aborts all requests and resolves when none is in flight any more. */
  stop(): Promise<void>;
}

export interface ProberOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly getStatusz?: GetStatusz;
  /** Pause between two requests to a pod. Default: 1 s. */
  readonly intervalMs?: number;
  /** Deadline of a request. Default: 1 s, long enough for a busy node to answer. */
  readonly timeoutMs?: number;
  /** How long an answer stays valid, so that single failed requests are ignored. Default: 6 s. */
  readonly keepMs?: number;
  /** Requests in flight at most, each with a connection. Default: 256. */
  readonly concurrency?: number;
  /** Called when the answer of a pod of the stack changed in a way that a decision may depend on. */
  readonly onChange: (key: string) => void;
}

interface Watched {
  readonly probe: Probe;
  readonly key: string;
}

/** Creates a prober. It remembers one answer for each watched pod, and nothing of others. */
export function createProber(options: ProberOptions): Prober {
  const modules = modulesOf(options);
  const watched = new Map<string, Watched>();
  const running = new Set<Promise<void>>();
  let stopped = false;

  function end(uid: string): void {
    watched.get(uid)?.probe.end();
    watched.delete(uid);
  }

  function start(key: string, target: ProbeTarget): void {
    end(target.uid);
    const probe = startProbe(target, modules, () => {
      const current = watched.get(target.uid);
      if (current !== undefined) options.onChange(current.key);
    });
    watched.set(target.uid, { probe, key });
    running.add(probe.ended);
    void probe.ended.finally(() => running.delete(probe.ended));
  }

  function watch(key: string, targets: readonly PodTarget[]): void {
    if (stopped) return;
    const present = new Map(targets.flatMap((target) => (hasAddress(target) ? [[target.uid, target] as const] : [])));
    for (const [uid, known] of watched) {
      if (known.key === key && !present.has(uid)) end(uid);
    }
    for (const [uid, target] of present) {
      const known = watched.get(uid);
      if (known === undefined || !canContinue(known.probe.target, target)) start(key, target);
      else {
        known.probe.update(target);
        watched.set(uid, { probe: known.probe, key });
      }
    }
  }

  return {
    watch,
    askSenders: (key) => {
      for (const one of watched.values())
        if (one.key === key && one.probe.target.service === senderRow().name) one.probe.askAgain();
    },
    forget: (key) => watch(key, []),
    answersOf: (pods) => new Map(pods.map((pod) => [pod.uid, answerOf(watched.get(pod.uid)?.probe, pod)])),
    stop: async () => {
      stopped = true;
      for (const uid of watched.keys()) end(uid);
      await Promise.all(running);
    },
  };
}

function modulesOf(options: ProberOptions): ProbeModules {
  const { clock, log, getStatusz = requestStatusz, concurrency = 256 } = options;
  const { intervalMs = 1_000, timeoutMs = 1_000, keepMs = 6_000 } = options;
  return { clock, log, getStatusz, slots: createRequestSlots(concurrency), intervalMs, timeoutMs, keepMs };
}

function hasAddress(target: PodTarget): target is ProbeTarget {
  return target.ip !== undefined;
}

/** Whether the answers of a probe are those of this target: same process as far as is known, and not seen to fail. */
function canContinue(known: ProbeTarget, next: PodTarget): boolean {
  return known.ip === next.ip && known.service === next.service && !isDown(known, next);
}

/** A pod that is no longer ready may have a dead process, of which the last answer is worth nothing. */
function isDown(known: PodTarget, next: PodTarget): boolean {
  return known.ready && !next.ready;
}

function answerOf(probe: Probe | undefined, pod: PodTarget): PodAnswer {
  if (pod.ip === undefined) return { kind: 'Silent', message: 'not running yet' };
  if (probe === undefined) return NOT_ASKED;
  if (isDown(probe.target, pod)) return { kind: 'Silent', message: 'not asked again since it is no longer ready' };
  return canContinue(probe.target, pod) ? probe.answer(pod.ready) : NOT_ASKED;
}
