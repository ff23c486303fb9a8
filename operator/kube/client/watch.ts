import type { Clock } from '../../../services/shared/runtime/clock.ts';
import type { Connection } from './connection.ts';
import { withDeadline } from './deadline.ts';
import { KubeError, errorFromStatus, type StatusBody } from './kube-error.ts';
import { sendRequest, unanswered } from './request.ts';
import { pathOf, type KubeObject, type Resource, type Stored } from './resource.ts';

export interface WatchOptions {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly resourceVersion: string;
  /** Time after which the server ends the watch cleanly. A watch that it does not end 10 s later is considered dead. */
  readonly timeoutMs: number;
  /**
   * Silence after which the connection is considered dead; longer than the minute between two bookmarks. It applies
   * only once the watch has received something. kube-apiserver sends no bookmark at the version at which a watch was
   * opened (apiserver `storage/cacher/cache_watcher.go`, `process`), and in a collection without changes the version
   * advances only by etcd's progress notifications, by default every 10 min. Until then only `timeoutMs` bounds it.
   */
  readonly idleMs: number;
  readonly signal: AbortSignal;
}

export type WatchEvent<T extends KubeObject> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: Stored<T> }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string }
  /** The server ended the watch with an error (410 and others). No event follows, and missed changes are unknown. */
  | { readonly type: 'ERROR'; readonly error: KubeError };

export interface WatchContext {
  readonly connection: Connection;
  readonly userAgent: string;
  readonly clock: Clock;
  readonly connectMs: number;
}

/** In characters. etcd limits an object to 1.5 MiB, so a longer line cannot be a watch event. */
const MAX_LINE_LENGTH = 16 * 1024 * 1024;

/**
 * Runs one watch from connect to end. Returns when the server ends it cleanly. Throws KubeError if it cannot be opened
 * or breaks: `Timeout` after the bound on silence, `Aborted` when the signal fires, `Protocol` for unreadable data.
 * Leaving the loop early closes the connection.
 */
export async function* watchEvents<T extends KubeObject>(
  resource: Resource<T>,
  options: WatchOptions,
  context: WatchContext,
): AsyncGenerator<WatchEvent<T>> {
  // Created before connecting, so that an abort during the connect leaves no watch behind.
  const lifetime = new AbortController();
  const onAbort = (): void =>
    lifetime.abort(new KubeError('Aborted', 'the watch was stopped', { cause: options.signal.reason }));
  if (options.signal.aborted) onAbort();
  options.signal.addEventListener('abort', onAbort, { once: true });
  const received: Received = { atMs: undefined };
  const onChunk = (): void => {
    received.atMs = context.clock.monotonicMs();
  };
  try {
    // The deadline covers the connect only. The body stays open until `lifetime` ends.
    const answer = await withDeadline({ clock: context.clock, ms: context.connectMs, signal: lifetime.signal }, () =>
      sendRequest(requestFor(resource, options), { ...context, signal: lifetime.signal, pool: 'watches' }),
    );
    void guardSilence(context.clock, { received, ...options, lifetime });
    for await (const line of linesOf(answer.body, onChunk)) yield toEvent<T>(line);
  } catch (error) {
    throw unanswered(error, lifetime.signal);
  } finally {
    options.signal.removeEventListener('abort', onAbort);
    lifetime.abort(new KubeError('Aborted', 'the watch has ended'));
  }
}

function requestFor(resource: Resource, options: WatchOptions): Parameters<typeof sendRequest>[0] {
  const { namespace, labelSelector, fieldSelector, resourceVersion, timeoutMs } = options;
  return {
    method: 'GET',
    path: pathOf(resource, namespace === undefined ? {} : { namespace }),
    query: {
      watch: 'true',
      allowWatchBookmarks: 'true',
      timeoutSeconds: String(Math.max(1, Math.round(timeoutMs / 1_000))),
      resourceVersion,
      labelSelector,
      fieldSelector,
    },
  };
}

/** How late the server may end a watch. */
const LATE_END_MS = 10_000;

interface Received {
  /** Time of the last data; undefined before the first. */
  atMs: number | undefined;
}

interface Silence {
  readonly received: Received;
  readonly idleMs: number;
  readonly timeoutMs: number;
  readonly lifetime: AbortController;
}

/** Ends a silent watch, and one that the server should have ended. Without a bound a dead watch would stay open. */
async function guardSilence(clock: Clock, { received, idleMs, timeoutMs, lifetime }: Silence): Promise<void> {
  const openedAtMs = clock.monotonicMs();
  const endAtMs = openedAtMs + timeoutMs + LATE_END_MS;
  try {
    while (!lifetime.signal.aborted) {
      const nowMs = clock.monotonicMs();
      const silentAtMs = received.atMs === undefined ? endAtMs : Math.min(endAtMs, received.atMs + idleMs);
      if (nowMs >= silentAtMs) {
        const silentMs = nowMs - (received.atMs ?? openedAtMs);
        const message = `the watch is dead: no data for ${silentMs} ms, open for ${nowMs - openedAtMs} ms`;
        lifetime.abort(new KubeError('Timeout', message));
        return;
      }
      // The first data received may bring the bound forward.
      await clock.sleep(Math.min(silentAtMs - nowMs, idleMs), lifetime.signal);
    }
  } catch {
    // The watch ended first.
  }
}

async function* linesOf(body: AsyncIterable<Uint8Array>, onChunk: () => void): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    onChunk();
    const [first = '', ...others] = decoder.decode(chunk, { stream: true }).split('\n');
    // Joined unread: a search of all that came before, with each chunk, would take seconds for a long line.
    const lines = [rest + first, ...others];
    rest = lines.pop() ?? '';
    if (rest.length > MAX_LINE_LENGTH) {
      throw new KubeError('Protocol', 'a watch event exceeds the maximum length');
    }
    yield* lines.filter((line) => line !== '');
  }
  if (rest.trim() !== '') throw new KubeError('Protocol', 'the watch ended inside an event');
}

interface RawEvent {
  readonly type?: unknown;
  readonly object?: unknown;
}

function toEvent<T extends KubeObject>(line: string): WatchEvent<T> {
  let raw: RawEvent;
  try {
    raw = JSON.parse(line) as RawEvent;
  } catch {
    // No cause, because the parser's message quotes the text, which may be a Secret.
    throw new KubeError('Protocol', 'a watch event is not JSON');
  }
  switch (raw.type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      return { type: raw.type, object: raw.object as Stored<T> };
    case 'BOOKMARK':
      return { type: 'BOOKMARK', resourceVersion: (raw.object as Stored).metadata.resourceVersion };
    case 'ERROR':
      return { type: 'ERROR', error: errorFromStatus(500, raw.object as StatusBody) };
    default:
      throw new KubeError('Protocol', `unknown type of watch event: ${String(raw.type)}`);
  }
}
