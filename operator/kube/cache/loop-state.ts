import { isKubeError } from '../client/kube-error.ts';
import type { ObjectList } from '../client/list.ts';
import type { KubeObject } from '../client/resource.ts';
import type { Backoff } from './backoff.ts';
import type { OpenWatch } from './open-watch.ts';
import { DEFAULTS, type ReflectorOptions } from './reflector-options.ts';
import type { Change, MutableStore } from './store.ts';
import type { Waits } from './waits.ts';

export interface LoopState {
  freshAtMs: number | undefined;
  listBegunMs: number | undefined;
  /** The cache must be listed before another watch is opened. */
  mustList: boolean;
  /** Numbers of lists: of the last one that has begun, and of the last one that the cache contains. */
  lastBegun: number;
  lastContained: number;
  /** A list with a higher number than this one was requested. */
  requestedAfter: number;
  /** Callbacks of callers that wait until the cache contains a list with a higher number than `after`. */
  awaiting: readonly { readonly after: number; readonly resolve: () => void }[];
  /** The current watch has received something, so the backoff starts over if it breaks now. */
  healthy: boolean;
  /** Why the last list or watch failed; undefined once a list has succeeded since. */
  failure: Error | undefined;
  /** Ends the current watch, but not the loop. Undefined while there is none. */
  cycle: AbortController | undefined;
  /** Keys that the watch deleted, with the versions of their deletion; recorded during an audit only. */
  deleted: Map<string, string> | undefined;
}

/** A complete list of the collection. Lists are numbered from 1 in the order in which they begin. */
export interface Listing<T extends KubeObject> {
  readonly number: number;
  readonly begunMs: number;
  readonly list: ObjectList<T>;
}

export interface ReflectorLoop<T extends KubeObject> {
  readonly options: ReflectorOptions<T>;
  readonly store: MutableStore<T>;
  readonly state: LoopState;
  readonly handlers: readonly ((change: Change) => void)[];
  readonly onSynced: () => void;
  /** Waits between attempts, which a request for a list cuts short. */
  readonly waits: Waits;
  /** A list that shows what the watch has missed, to be applied. */
  audited: Listing<T> | undefined;
  /** The watch that follows the current one, already opened. */
  successor: OpenWatch<T> | undefined;
}

/** Logs and counts a failed list or watch, and returns how long the server asks to wait before a retry, in ms. */
export function recordFailure<T extends KubeObject>({ options, state }: ReflectorLoop<T>, error: unknown): number {
  const code = isKubeError(error) ? error.code : 'Internal';
  state.failure = error instanceof Error ? error : new Error(String(error));
  options.metrics?.failures.inc({ resource: options.resource.plural, code });
  options.log.warn({ resource: options.resource.plural, code, err: error }, 'list or watch failed, retrying');
  return isKubeError(error) ? (error.retryAfterMs ?? 0) : 0;
}

/** When the next attempt may be made after a failure. */
interface Retry {
  readonly backoff: Backoff;
  /** How long the server asks to wait. */
  readonly retryAfterMs: number;
  readonly signal: AbortSignal;
}

/** Waits for the backoff, or only for its shortest wait if a list is requested that has not begun. */
export async function waitToRetry<T extends KubeObject>(
  { options, state, waits }: ReflectorLoop<T>,
  { backoff, retryAfterMs, signal }: Retry,
): Promise<void> {
  const { minBackoffMs } = { ...DEFAULTS, ...options };
  const isRequested = (): boolean => state.requestedAfter >= state.lastBegun;
  const atLeastMs = Math.max(minBackoffMs, retryAfterMs);
  const waitMs = isRequested() ? 0 : backoff.nextMs();
  await waits.wait(Math.max(waitMs, atLeastMs), { atLeastMs, signal });
  if (isRequested()) backoff.reset();
}
