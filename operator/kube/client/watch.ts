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
  /** After this the server ends the watch by itself, cleanly. */
  readonly timeoutMs: number;
  /**
   * Silence after which the connection is taken for dead; more than the minute between two bookmarks. It counts once the watch has
   * brought something: kube-apiserver sends a watch no bookmark at the version that it was opened at (apiserver
   * `storage/cacher/cache_watcher.go`, `process`), and where nothing changes, the version moves by etcd's progress notifications
   * only, every 10 min unless told. Until then the watch's own time and `idleMs` are the bound.
   */
  readonly idleMs: number;
  readonly signal: AbortSignal;
}

export type WatchEvent<T extends KubeObject> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: Stored<T> }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string }
  /** The server gave the watch up (410 and others): nothing follows, and what was missed is unknown. */
  | { readonly type: 'ERROR'; readonly error: KubeError };

export interface WatchContext {
  readonly connection: Connection;
  readonly userAgent: string;
  readonly clock: Clock;
  readonly connectMs: number;
}

/** No single object may exceed etcd's 1.5 MiB, so a longer line is not a watch event. */
const MAX_LINE_LENGTH = 16 * 1024 * 1024;

/**
 * One watch from connect to its end. Returns when the server ended it cleanly; throws KubeError when it could not be
 * opened or broke: `Timeout` after `idleMs` of silence, `Aborted` by the signal, `Protocol` on anything unreadable.
 * Leaving the loop early closes the connection.
 */
export async function* watchEvents<T extends KubeObject>(
  resource: Resource<T>,
  options: WatchOptions,
  context: WatchContext,
): AsyncGenerator<WatchEvent<T>> {
  // Made before connecting: an abort during the connect must not leave a watch behind.
  const life = new AbortController();
  const onAbort = (): void =>
    life.abort(new KubeError('Aborted', 'the watch was stopped', { cause: options.signal.reason }));
  if (options.signal.aborted) onAbort();
  options.signal.addEventListener('abort', onAbort, { once: true });
  const heard = { atMs: context.clock.monotonicMs(), anything: false };
  const onChunk = (): void => void Object.assign(heard, { atMs: context.clock.monotonicMs(), anything: true });
  try {
    // The deadline covers the connect only; the body lives on until `life` ends.
    const answer = await withDeadline({ clock: context.clock, ms: context.connectMs, signal: life.signal }, () =>
      sendRequest(requestFor(resource, options), { ...context, signal: life.signal, pool: 'watches' }),
    );
    heard.atMs = context.clock.monotonicMs();
    void guardSilence(context.clock, { heard, ...options, life });
    for await (const line of linesOf(answer.body, onChunk)) yield toEvent<T>(line);
  } catch (error) {
    throw unanswered(error, life.signal);
  } finally {
    options.signal.removeEventListener('abort', onAbort);
    life.abort(new KubeError('Aborted', 'the watch has ended'));
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

interface Silence {
  readonly heard: { readonly atMs: number; readonly anything: boolean };
  readonly idleMs: number;
  readonly timeoutMs: number;
  readonly life: AbortController;
}

/** A total time-out would end healthy watches and an absent one would keep dead ones: only silence counts. */
async function guardSilence(clock: Clock, { heard, idleMs, timeoutMs, life }: Silence): Promise<void> {
  try {
    while (!life.signal.aborted) {
      const boundMs = heard.anything ? idleMs : timeoutMs + idleMs;
      const leftMs = heard.atMs + boundMs - clock.monotonicMs();
      if (leftMs <= 0) {
        life.abort(new KubeError('Timeout', `the watch was silent for ${boundMs} ms`));
        return;
      }
      // The first thing that is heard shortens the bound.
      await clock.sleep(Math.min(leftMs, idleMs), life.signal);
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
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > MAX_LINE_LENGTH) {
      throw new KubeError('Protocol', 'a watch event is longer than any object can be');
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
    // Without the cause: the parser's message quotes the text, which may be a Secret.
    throw new KubeError('Protocol', 'a watch event is no JSON');
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
      throw new KubeError('Protocol', `unknown watch event ${String(raw.type)}`);
  }
}
