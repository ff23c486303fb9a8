import { isKubeError } from '../client/kube-error.ts';
import type { KubeObject } from '../client/resource.ts';
import type { OpenWatch } from './open-watch.ts';
import type { ReflectorOptions } from './reflector-options.ts';
import type { Change, MutableStore } from './store.ts';
import type { Waits } from './waits.ts';

export interface LoopState {
  freshAtMs: number | undefined;
  listBegunMs: number | undefined;
  mustList: boolean;
  /** A list was requested that has not begun. */
  isRequested: boolean;
  /** Callbacks of callers that wait for a list begun from now on. */
  awaiting: (() => void)[];
  /** The current watch has received something, so the backoff starts over if it breaks now. */
  healthy: boolean;
  /** Why the last list or watch failed; undefined once a list has succeeded since. */
  failure: Error | undefined;
  /** Ends the current watch, but not the loop. Undefined while there is none. */
  cycle: AbortController | undefined;
  /** Keys that the watch deleted, with the versions of their deletion; recorded during an audit only. */
  deleted: Map<string, string> | undefined;
}

export interface ReflectorLoop<T extends KubeObject> {
  readonly options: ReflectorOptions<T>;
  readonly store: MutableStore<T>;
  readonly state: LoopState;
  readonly handlers: readonly ((change: Change) => void)[];
  readonly onSynced: () => void;
  /** Waits between attempts, which a request for a list cuts short. */
  readonly waits: Waits;
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
