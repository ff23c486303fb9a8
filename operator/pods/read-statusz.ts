import { catalogueRow } from '../../services/shared/contracts/catalogue.ts';
import { statuszSchema, type Statusz } from '../../services/shared/contracts/statusz.ts';
import type { Clock } from '../../services/shared/runtime/clock.ts';
import { askPod, whyUnanswered } from './ask-pod.ts';
import type { PodAnswer } from '../controllers/trading-stack/observe/observation.ts';
import { problemOf } from '../controllers/trading-stack/observe/condition.ts';
import { serviceOfPod, type StoredPod } from '../controllers/trading-stack/observe/pod.ts';

/** Reads the status that processes report. */
export interface ProcessReader {
  /** Returns answers by UID of the pod. Never rejects. */
  read(pods: readonly StoredPod[], signal: AbortSignal): Promise<ReadonlyMap<string, PodAnswer>>;
}

/** Requests `/statusz` at a URL. Rejects without a valid response. */
export type GetStatusz = (url: string, signal: AbortSignal) => Promise<unknown>;

export interface ProcessReaderOptions {
  readonly clock: Clock;
  readonly getStatusz?: GetStatusz;
  /** How long the last answer of a ready pod stays valid, so that one failed request is ignored. Default: 6 s. */
  readonly keepMs?: number;
}

/** Long enough for a busy node to answer. */
const DEADLINE_MS = 1_000;
/** Slightly longer than the interval between two requests to a running stack. */
const KEEP_MS = 6_000;

interface Remembered {
  readonly statusz: Statusz;
  readonly atMs: number;
}

/** Creates a reader that remembers the last answer of each recently read pod; at most one per pod. */
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

/** The last answer of a pod that is not ready is ignored, because the kubelet notices a dead process before we do. */
function isReady({ status = {} }: StoredPod): boolean {
  return problemOf(status, 'Ready') !== undefined;
}

/** URL of `/statusz`; undefined unless the pod is running and has an address. */
function addressOf(pod: StoredPod): string | undefined {
  const service = serviceOfPod(pod);
  const { podIP, phase } = pod.status ?? {};
  if (service === undefined || podIP === undefined || phase !== 'Running') return undefined;
  return `http://${hostOf(podIP)}:${catalogueRow(service).port}/statusz`;
}

/** Returns an address as the host of a URL: IPv6 addresses in brackets. */
export function hostOf(ip: string): string {
  return ip.includes(':') ? `[${ip}]` : ip;
}

async function fetchStatusz(url: string, signal: AbortSignal): Promise<unknown> {
  const { status, text } = await askPod(url, { deadlineMs: DEADLINE_MS, signal });
  if (status !== 200) throw new Error(`HTTP ${status}`);
  return JSON.parse(text);
}
