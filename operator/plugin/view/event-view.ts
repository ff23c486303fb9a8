/** An event, whichever of the two APIs it was written with. */
export interface EventView {
  readonly atMs: number;
  readonly type: string;
  readonly reason: string;
  /** `kind/name`, in lower case. */
  readonly object: string;
  readonly message: string;
  readonly count: number;
}

/** Members of an events.k8s.io/v1 Event that are read. */
export interface EventObject {
  readonly metadata?: { readonly creationTimestamp?: string | Date };
  readonly eventTime?: string | null;
  readonly deprecatedLastTimestamp?: string | null;
  readonly deprecatedCount?: number;
  readonly series?: { readonly count?: number; readonly lastObservedTime?: string };
  readonly type?: string;
  readonly reason?: string;
  readonly note?: string;
  readonly regarding?: { readonly kind?: string; readonly name?: string };
}

/** Returns the event as it was last seen. */
export function eventViewOf(event: EventObject): EventView {
  const { type = '', reason = '', note = '', regarding = {}, series } = event;
  const { kind = '', name = '' } = regarding;
  return {
    atMs: lastSeenMs(event),
    type,
    reason,
    object: `${kind.toLowerCase()}/${name}`,
    message: note.replaceAll(/\s+/g, ' ').trim(),
    count: series?.count ?? event.deprecatedCount ?? 1,
  };
}

function lastSeenMs({ series, deprecatedLastTimestamp, eventTime, metadata }: EventObject): number {
  const at = series?.lastObservedTime ?? deprecatedLastTimestamp ?? eventTime ?? metadata?.creationTimestamp;
  const atMs = new Date(at ?? 0).getTime();
  return Number.isNaN(atMs) ? 0 : atMs;
}
