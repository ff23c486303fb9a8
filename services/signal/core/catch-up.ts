/**
 * Tracks whether the reader has read all entries that its streams held when `expect` was called. Until then bars close
 * by trades alone: closing them by the clock would drop the trades still to be read.
 */
export interface CatchUp {
  /** Sets the current newest IDs of the streams as the target. `nowMs` is on the monotonic clock. */
  expect(newest: ReadonlyMap<string, string>, nowMs: number): void;
  seen(stream: string, id: string, nowMs: number): void;
  /** Discards the target. */
  lose(): void;
  /** Whether there is no target, so `expect` must be called. */
  readonly lost: boolean;
  done(nowMs: number): boolean;
}

/**
 * An expected entry that does not arrive within this time was malformed or trimmed. Longer than several blocking reads.
 */
const PATIENCE_MS = 5_000;

export function createCatchUp(): CatchUp {
  const positions = new Map<string, string>();
  let ahead: Map<string, string> | undefined;
  let movedMs = 0;
  return {
    expect: (newest, nowMs) => {
      ahead = new Map([...newest].filter(([stream, id]) => isBefore(positions.get(stream) ?? '0-0', id)));
      movedMs = nowMs;
    },
    seen: (stream, id, nowMs) => {
      positions.set(stream, id);
      movedMs = nowMs;
      const target = ahead?.get(stream);
      if (target !== undefined && !isBefore(id, target)) ahead?.delete(stream);
    },
    lose: () => {
      ahead = undefined;
    },
    get lost() {
      return ahead === undefined;
    },
    done: (nowMs) => ahead !== undefined && (ahead.size === 0 || nowMs - movedMs > PATIENCE_MS),
  };
}

/** Orders IDs `<ms>-<n>`. Both parts may exceed the safe integer range of a number. */
function isBefore(left: string, right: string): boolean {
  const [leftMs = 0n, leftSeq = 0n] = left.split('-').map(BigInt);
  const [rightMs = 0n, rightSeq = 0n] = right.split('-').map(BigInt);
  return leftMs === rightMs ? leftSeq < rightSeq : leftMs < rightMs;
}
