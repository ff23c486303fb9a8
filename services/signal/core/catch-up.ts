/**
 * Whether the reader has seen all that lay in its streams when it was asked. Until then bars are closed by trades alone: closing them by the clock
 * would leave out the trades that are still to be read.
 */
export interface CatchUp {
  /** The newest ids of the streams, now. `nowMs` on the monotonic clock. */
  expect(newest: ReadonlyMap<string, string>, nowMs: number): void;
  seen(stream: string, id: string, nowMs: number): void;
  /** Nothing is known of what lies ahead any more. */
  lose(): void;
  /** Whether `expect` is wanted. */
  readonly lost: boolean;
  done(nowMs: number): boolean;
}

/** What is expected and does not come was malformed or trimmed away: longer than several blocking reads. */
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

/** Order of ids `<ms>-<n>`; both parts may exceed what a number holds exactly. */
function isBefore(left: string, right: string): boolean {
  const [leftMs = 0n, leftSeq = 0n] = left.split('-').map(BigInt);
  const [rightMs = 0n, rightSeq = 0n] = right.split('-').map(BigInt);
  return leftMs === rightMs ? leftSeq < rightSeq : leftMs < rightMs;
}
