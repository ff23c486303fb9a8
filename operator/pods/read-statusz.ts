import { catalogueRow, type ServiceName } from '../../services/shared/contracts/catalogue.ts';
import { statuszSchema, type Statusz } from '../../services/shared/contracts/statusz.ts';
import type { Clock } from '../../services/shared/runtime/clock.ts';
import { askPod, whyUnanswered } from './ask-pod.ts';
import type { PodAnswer } from './pod-answer.ts';

/** Where the process of a pod answers. */
export interface PodTarget {
  readonly uid: string;
  readonly service: ServiceName;
  /** Undefined unless the pod is running and has an address. */
  readonly ip: string | undefined;
  /** Whether the kubelet reports the pod as ready. */
  readonly ready: boolean;
}

/** Reads the status that processes report. */
export interface ProcessReader {
  /** Returns answers by UID of the pod. Never rejects. */
  read(pods: readonly PodTarget[], signal: AbortSignal): Promise<ReadonlyMap<string, PodAnswer>>;
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

  async function ask({ uid, service, ip, ready }: PodTarget, signal: AbortSignal): Promise<PodAnswer> {
    if (ip === undefined) return { kind: 'Silent', message: 'not running yet' };
    const url = `http://${hostOf(ip)}:${catalogueRow(service).port}/statusz`;
    try {
      const statusz = statuszSchema.parse(await getStatusz(url, signal));
      remembered.set(uid, { statusz, atMs: clock.monotonicMs() });
      return { kind: 'Answered', statusz, ageMs: 0 };
    } catch (error) {
      const last = remembered.get(uid);
      const ageMs = last === undefined ? Number.POSITIVE_INFINITY : clock.monotonicMs() - last.atMs;
      // Not for a pod that is no longer ready, because the kubelet notices a dead process before the operator does.
      if (last !== undefined && ageMs <= keepMs && ready) return { kind: 'Answered', statusz: last.statusz, ageMs };
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
      return new Map(await Promise.all(pods.map(async (pod) => [pod.uid, await ask(pod, signal)] as const)));
    },
  };
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
