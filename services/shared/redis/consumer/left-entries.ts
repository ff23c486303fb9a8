import type { Clock } from '../../runtime/clock.ts';
import type { RawEntry } from '../stream-entry.ts';
import { claimRun, pendingRows, type Membership, type PendingRow } from './consumer-group.ts';

/**
 * An entry that was delivered this often without being acknowledged may be what ends the processes that handle it. From
 * then on it is handed over alone, so that the others do not share its fate, and not before the process has lived for
 * the idle time.
 */
export const IN_COMPANY_MAX = 2;

/** Entries that one round hands over alone. Further ones are left to the next round. */
const ALONE_MAX = 1_000;

export interface LeftEntriesOptions {
  readonly member: Membership;
  readonly streams: readonly string[];
  /** Entries of a stream that one look takes at most. */
  readonly batchSize: number;
  readonly minIdleMs: number;
  readonly sole: boolean;
  /** How long after it succeeds them the other members may still be given entries. Undefined if it succeeds none. */
  readonly succeedsAfterMs: number | undefined;
  readonly clock: Clock;
  /** Called with the number of entries that were trimmed or deleted while pending. */
  readonly onLost: (stream: string, count: number) => void;
}

/** Successive entries of a stream, without others of the group between them. */
type Run = readonly [PendingRow, ...PendingRow[]];

/**
 * Takes up entries that were delivered and not acknowledged, in rounds. A round looks at all of them once, a page at a
 * time. The first round, and each one after a failure, takes what this member was given at once. One that succeeds
 * others takes at once what they were given, too, in its first round and in one more when they can be given nothing any
 * more. Any other begins after half of the idle time, and takes what any member has had for the idle time.
 */
export class LeftEntries {
  readonly #options: LeftEntriesOptions;
  readonly #startMs: number;
  #atOnce = true;
  /** Whether the round in hand takes what the other members were given, and when the last one that does is due. */
  #takesOthers = false;
  #lastTakingMs = Number.POSITIVE_INFINITY;
  #dueMs = Number.NEGATIVE_INFINITY;
  /** Where the round continues in each stream whose end it has not reached. */
  readonly #from = new Map<string, string>();
  #alone: PendingRow[] = [];

  constructor(options: LeftEntriesOptions) {
    this.#options = options;
    this.#startMs = options.clock.monotonicMs();
  }

  /** Whether a round has not reached the end of every stream. */
  get isLooking(): boolean {
    return this.#from.size > 0;
  }

  /** Whether there may be entries to take up now. */
  get isBusy(): boolean {
    return this.isLooking || this.#alone.length > 0;
  }

  /** Begins with what this member was given. A reply that was lost may have delivered entries to it. */
  restart(): void {
    this.#atOnce = true;
    this.#dueMs = Number.NEGATIVE_INFINITY;
    this.#from.clear();
  }

  /** Begins with what this member and the others were given: they have stopped, or are about to. */
  succeed(): void {
    const { clock, succeedsAfterMs } = this.#options;
    this.restart();
    if (succeedsAfterMs === undefined) return;
    this.#takesOthers = true;
    this.#lastTakingMs = clock.monotonicMs() + succeedsAfterMs;
  }

  /** Claims the next entries that are to be handled together. */
  async claimNext(): Promise<readonly RawEntry[]> {
    const { member, batchSize, clock } = this.#options;
    const nowMs = clock.monotonicMs();
    if (!this.isLooking && nowMs >= Math.min(this.#dueMs, this.#lastTakingMs)) this.#begin(nowMs);
    const runs: Run[] = [];
    for (const [stream, from] of this.#from) {
      const rows = await pendingRows(member, { stream, from, count: batchSize });
      const last = rows.at(-1);
      if (last === undefined || rows.length < batchSize) this.#from.delete(stream);
      else this.#from.set(stream, `(${last.id}`);
      const isDue = (row: PendingRow): boolean => this.#isDue(row, nowMs - this.#startMs);
      runs.push(...runsOf(rows, (row) => !isSuspect(row) && isDue(row)));
      const suspects = rows.filter((row) => isSuspect(row) && isDue(row));
      this.#alone.push(...suspects.slice(0, ALONE_MAX - this.#alone.length));
    }
    if (!this.isLooking) {
      this.#atOnce = false;
      this.#takesOthers = false;
    }
    return await this.#claim(runs);
  }

  /** Claims the next entry that is to be handled alone. Empty without one. */
  async claimAlone(): Promise<readonly RawEntry[]> {
    // The one that ended most processes comes last: the others need not wait until it is buried.
    const [next, ...others] = this.#alone.toSorted((a, b) => a.deliveries - b.deliveries);
    this.#alone = others;
    return next === undefined ? [] : await this.#claim([[next]]);
  }

  async #claim(runs: readonly Run[]): Promise<readonly RawEntry[]> {
    const claimed: RawEntry[] = [];
    for (const run of runs) {
      const [{ stream, id: start }] = run;
      // As idle as they were: none that another member was given meanwhile.
      const minIdleMs = Math.min(...run.map(({ idleMs }) => idleMs));
      const { entries, lost } = await claimRun(this.#options.member, { stream, start, count: run.length, minIdleMs });
      this.#options.onLost(stream, lost);
      claimed.push(...entries);
    }
    return claimed;
  }

  #begin(nowMs: number): void {
    const { streams, minIdleMs } = this.#options;
    if (nowMs >= this.#lastTakingMs) {
      this.#takesOthers = true;
      this.#lastTakingMs = Number.POSITIVE_INFINITY;
    }
    this.#dueMs = nowMs + Math.max(minIdleMs / 2, 50);
    this.#alone = [];
    for (const stream of streams) this.#from.set(stream, '-');
  }

  #isDue(row: PendingRow, ageMs: number): boolean {
    const { member, minIdleMs, sole } = this.#options;
    const isOwn = row.consumer === member.consumer;
    // What this process was given has not ended it.
    const mayBeDeadly = isSuspect(row) && !(isOwn && row.idleMs < ageMs);
    if (mayBeDeadly) return row.idleMs >= minIdleMs && ageMs >= minIdleMs;
    const isTaken = isOwn ? this.#atOnce : this.#takesOthers || (this.#atOnce && sole);
    return isTaken || row.idleMs >= minIdleMs;
  }
}

export function isSuspect({ deliveries }: PendingRow): boolean {
  return deliveries >= IN_COMPANY_MAX;
}

function runsOf(rows: readonly PendingRow[], isTaken: (row: PendingRow) => boolean): readonly Run[] {
  const runs: [PendingRow, ...PendingRow[]][] = [];
  let isOpen = false;
  for (const row of rows) {
    const isNext = isTaken(row);
    if (isNext && isOpen) runs.at(-1)?.push(row);
    else if (isNext) runs.push([row]);
    isOpen = isNext;
  }
  return runs;
}
