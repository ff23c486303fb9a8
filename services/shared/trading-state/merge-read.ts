import { isMoreRestrictive, isNewer, succeed, type SourceState } from '../domain/trading-state.ts';
import { isEqual, type HeldState } from './held-state.ts';

/**
 * Returns what is held of a source after a read of the record; `read` is undefined where the record has no row of it.
 * The same object means that nothing changes.
 * `isCurrent`: the read was issued after the held state was saved, and after every other read that was merged.
 */
export function mergeRead(
  held: HeldState | undefined,
  read: SourceState | undefined,
  isCurrent: boolean,
): HeldState | undefined {
  const next = merge(held, read, isCurrent);
  return held !== undefined && next !== undefined && isEqual(held, next) ? held : next;
}

function merge(held: HeldState | undefined, read: SourceState | undefined, isCurrent: boolean): HeldState | undefined {
  if (held === undefined) return read === undefined ? undefined : recorded(read);
  if (held.stage === 'Blind') return mergeBlind(held.row, read);
  if (held.stage === 'Waiting') return mergeWaiting(held, read);
  return isCurrent ? mergeCurrent(held, read) : mergeLate(held, read);
}

function recorded(row: SourceState): HeldState {
  return { row, stage: 'Recorded' };
}

/** A command that came without knowledge of the record counts as one that follows what the record has. */
function mergeBlind(row: SourceState, read: SourceState | undefined): HeldState {
  const successor = succeed(row, read);
  return successor === undefined && read !== undefined ? recorded(read) : { row: successor ?? row, stage: 'Waiting' };
}

/** A command that the record does not have yet gives way only to a newer one of its source, or to a stricter equal. */
function mergeWaiting(held: HeldState, read: SourceState | undefined): HeldState {
  return read !== undefined && isNewer(read, held.row) ? recorded(read) : held;
}

/** The record may have changed after this read: it can restrict, but not lift. */
function mergeLate(held: HeldState, read: SourceState | undefined): HeldState {
  if (read === undefined || !isMoreRestrictive(read.state, held.row.state)) return held;
  return isLater(held, read) ? recorded(read) : held;
}

/**
 * The record is append-only, so a missing row, a lower revision or an older row means that it went back: a restored
 * database, or a failover to a replica that was behind. That may restrict, but it lifts nothing: the held state is
 * saved again.
 */
function mergeCurrent(held: HeldState, read: SourceState | undefined): HeldState {
  if (read === undefined) return { ...held, stage: 'Waiting' };
  const { row } = held;
  const isSame = read.state === row.state && read.revision === row.revision;
  const isLost = !isSame && wentBack(held, read) && !isMoreRestrictive(read.state, row.state);
  return isLost ? { row, stage: 'Waiting' } : recorded(read);
}

/** Rows by hand have no revision of their own, so their times decide. Only times of the record compare. */
function isLater({ row, stage }: HeldState, read: SourceState): boolean {
  if (read.revision !== row.revision) return read.revision > row.revision;
  return stage === 'Saved' || read.sinceMs > row.sinceMs;
}

function wentBack({ row, stage }: HeldState, read: SourceState): boolean {
  if (read.revision !== row.revision) return read.revision < row.revision;
  return stage === 'Saved' || read.sinceMs < row.sinceMs;
}
