import type { ApiCall } from './audit-calls.ts';

/** How a program answered the changes that others made. */
export interface Reactions {
  /**
   * Milliseconds from the answer of the API server to the change until it received the first write. The event leaves
   * the server at about the time of its answer, at times before it, so that a value may be slightly negative.
   */
  readonly firstWriteMs: readonly number[];
  /** The same, until the API server had answered that write. */
  readonly firstDoneMs: readonly number[];
  /** Changes that were not answered by any write. */
  readonly unanswered: number;
}

/** What a person changed, and what was answered to each: calls of the same namespace, which holds one stack. */
export interface ReactionOptions {
  /** Of the person, in the order in which they were made. */
  readonly changes: readonly ApiCall[];
  /** Of the program. */
  readonly writes: readonly ApiCall[];
  /** Whether a write answers the change. Default: every one does. */
  readonly answers?: (write: ApiCall, change: ApiCall) => boolean;
}

const WRITES: ReadonlySet<string> = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);
/** Of a lease that is renewed, and of what people read: neither moves a stack. */
const ASIDE: ReadonlySet<string> = new Set(['leases', 'events']);

/** Whether a request changes objects, be it a lease or an event. */
export function isWrite({ verb }: Pick<ApiCall, 'verb'>): boolean {
  return WRITES.has(verb);
}

/** Whether a request moves a stack. */
export function movesStack(call: Pick<ApiCall, 'verb' | 'resource'>): boolean {
  return isWrite(call) && !ASIDE.has(call.resource);
}

/** Finds the first write after each change. A write after the next change of the stack counts for that one only. */
export function reactionsTo({ changes, writes, answers = () => true }: ReactionOptions): Reactions {
  const byNamespace = Map.groupBy(writes.filter(movesStack), ({ namespace }) => namespace);
  const first = changes.map((change, index) => {
    const { namespace, receivedMs } = change;
    const next = changes.slice(index + 1).find((later) => later.namespace === namespace);
    const until = next?.receivedMs ?? Number.POSITIVE_INFINITY;
    const candidates = (byNamespace.get(namespace) ?? []).filter(
      (write) => write.receivedMs >= receivedMs && write.receivedMs < until && answers(write, change),
    );
    return candidates.toSorted((a, b) => a.receivedMs - b.receivedMs)[0];
  });
  const since = (of: 'receivedMs' | 'doneMs'): readonly number[] =>
    changes.flatMap(({ doneMs }, index) => {
      const write = first[index];
      return write === undefined ? [] : [write[of] - doneMs];
    });
  return {
    firstWriteMs: since('receivedMs'),
    firstDoneMs: since('doneMs'),
    unanswered: first.filter((write) => write === undefined).length,
  };
}

/** A repair writes the object that was changed. */
export function isSameObject(write: ApiCall, change: ApiCall): boolean {
  return write.resource === change.resource && write.name === change.name;
}
