import { catalogueRow } from '../../services/shared/contracts/catalogue.ts';
import { statuszSchema, type Statusz } from '../../services/shared/contracts/statusz.ts';
import type { Clock } from '../../services/shared/runtime/clock.ts';
import { askPod, whyUnanswered } from './ask-pod.ts';
import type { PodAnswer } from '../controllers/trading-stack/observe/observation.ts';
import { problemOf } from '../controllers/trading-stack/observe/condition.ts';
import { serviceOfPod, type StoredPod } from '../controllers/trading-stack/observe/pod.ts';

/** Asks processes what they say of themselves. */
export interface ProcessReader {
  /** Answers by uid of the pod; never rejects. */
  read(pods: readonly StoredPod[], signal: AbortSignal): Promise<ReadonlyMap<string, PodAnswer>>;
}

/** GET of `/statusz` at an address; rejects when there is no good answer. */
export type GetStatusz = (url: string, signal: AbortSignal) => Promise<unknown>;

export interface ProcessReaderOptions {
  readonly clock: Clock;
  readonly getStatusz?: GetStatusz;
  /** One question that a ready pod does not answer counts for nothing: its last answer holds for so long. */
  readonly keepMs?: number;
}

/** A busy node answers late; a dead pod does not at all. */
const DEADLINE_MS = 1_000;
/** A little more than the time between two questions to a stack that runs. */
const KEEP_MS = 6_000;

interface Remembered {
  readonly statusz: Statusz;
  readonly atMs: number;
}

/** Remembers the last answer of each pod that was asked about lately; at most that of every pod. */
export function createProcessReader(options: ProcessReaderOptions): ProcessReader {
  const { clock, getStatusz = fetchStatusz, keepMs = KEEP_MS } = options;
  const remembered = new Map<string, Remembered>();

  async function ask(pod: StoredPod, signal: AbortSignal): Promise<PodAnswer> {
    const url = addressOf(pod);
    if (url === undefined) return { kind: 'Silent', message: 'not running yet' };
    try {
      const statusz = statuszSchema.parse(await getStatusz(url, signal));
      remembered.set(pod.metadata.uid, { statusz, atMs: clock.monotonicMs() });
      return { kind: 'Answered', statusz, ageMs: 0 };
    } catch (error) {
      const last = remembered.get(pod.metadata.uid);
      const ageMs = last === undefined ? Number.POSITIVE_INFINITY : clock.monotonicMs() - last.atMs;
      if (last !== undefined && ageMs <= keepMs && isReady(pod))
        return { kind: 'Answered', statusz: last.statusz, ageMs };
      return { kind: 'Silent', message: `no answer from /statusz: ${whyUnanswered(error)}` };
    }
  }

  function forget(): void {
    const nowMs = clock.monotonicMs();
    for (const [uid, { atMs }] of remembered) {
      if (nowMs - atMs > keepMs) remembered.delete(uid);
    }
  }

  return {
    read: async (pods, signal) => {
      forget();
      return new Map(await Promise.all(pods.map(async (pod) => [pod.metadata.uid, await ask(pod, signal)] as const)));
    },
  };
}

/** What a process said before it died counts for nothing: the kubelet sees a dead one sooner than we do. */
function isReady({ status = {} }: StoredPod): boolean {
  return problemOf(status, 'Ready') !== undefined;
}

/** Jobs end; only what is to answer for ever is asked. */
function addressOf(pod: StoredPod): string | undefined {
  const service = serviceOfPod(pod);
  const { podIP, phase } = pod.status ?? {};
  if (service === undefined || podIP === undefined || phase !== 'Running') return undefined;
  return `http://${hostOf(podIP)}:${catalogueRow(service).port}/statusz`;
}

/** IPv6 addresses stand in brackets. */
export function hostOf(ip: string): string {
  return ip.includes(':') ? `[${ip}]` : ip;
}

async function fetchStatusz(url: string, signal: AbortSignal): Promise<unknown> {
  const { status, text } = await askPod(url, { deadlineMs: DEADLINE_MS, signal });
  if (status !== 200) throw new Error(`HTTP ${status}`);
  return JSON.parse(text);
}
