import { isMoreRestrictive, type TradingState } from '../../../../../services/shared/domain/trading-state.ts';
import type { SourceStatus } from '../../../../api/v1alpha1/trading-stack/status.ts';
import type { FieldManager } from '../../observe/field-managers.ts';
import { authorOf, authorsOf, isPerson, authorWith } from './authors.ts';
import { valueFor } from './field-values.ts';
import type { TradingRequest } from './requests.ts';

/** What is on record of a source after its request was read. */
export interface Recorded {
  /** Undefined while the source has never requested anything but Active. */
  readonly record: SourceStatus | undefined;
  /** Why the resource shows a less restrictive state that is not applied; for people. */
  readonly refusal: string | undefined;
}

/**
 * Records the request of a source. A more restrictive state applies at once, whoever wrote it. A less restrictive one
 * applies only on purpose, and only if it was written after the recorded one: an API server that was restored shows
 * values, and who wrote them, of before a halt that the processes still have. The time of a writer is no proof, because
 * it is that of its last write to any field. So a record that only the processes have is `unshown`, and is not lifted
 * before the resource has shown it, or a more restrictive state, since.
 *
 * Who lifts: a person lifts everything, because one person cannot be distinguished from another. A tool lifts what only
 * tools requested, and only its own request. So neither a sync, a rollback, a replace nor a manifest without the field
 * lifts a halt that a person set, also one that a tool had set first: every person who owns the field while it shows
 * the state is added to its authors. The API server records no owner for a patch that changes nothing.
 */
export function recordRequest(known: SourceStatus | undefined, request: TradingRequest, nowMs: number): Recorded {
  const { source, state, managers, reason } = request;
  const before = known?.state ?? 'Active';
  if (state === before) return { record: repeated(known, request, nowMs), refusal: undefined };
  const isLift = known !== undefined && isMoreRestrictive(before, state);
  const writers = isLift ? liftersOf(known, managers) : managers;
  if (isLift && writers.length === 0) return { record: known, refusal: refusalOf(known, request) };
  const record = {
    source,
    state,
    author: authorOf(writers.map(({ name }) => name)),
    reason,
    revision: (known?.revision ?? 0) + 1,
    since: new Date(writtenAtMs(writers, nowMs)).toISOString(),
  };
  return { record, refusal: undefined };
}

/**
 * A person who sets a state that applies already is added to its authors, with the reason. Otherwise the reason follows
 * the resource if who wrote it may lift the state. The new revision takes both to the database.
 */
function repeated(
  known: SourceStatus | undefined,
  { managers, reason: given }: TradingRequest,
  nowMs: number,
): SourceStatus | undefined {
  const record = known && shown(known, nowMs);
  if (record === undefined || record.state === 'Active') return record;
  const author = authorWith(record, managers);
  const mayExplain = author !== record.author || liftersOf(record, managers).length > 0;
  const reason = mayExplain ? given : record.reason;
  const isSame = author === record.author && reason === record.reason;
  return isSame ? record : { ...record, author, reason, revision: record.revision + 1 };
}

/** Its time may come from a process, whose clock may be ahead: a later lift must not count as an earlier one. */
function shown(known: SourceStatus, nowMs: number): SourceStatus {
  if (known.unshown !== true) return known;
  const { unshown: _unshown, ...record } = known;
  const sinceMs = Date.parse(record.since);
  return { ...record, since: sinceMs <= nowMs ? record.since : new Date(nowMs).toISOString() };
}

function liftersOf(known: SourceStatus, managers: readonly FieldManager[]): readonly FieldManager[] {
  if (known.unshown === true) return [];
  const later = managers.filter((manager) => wroteAfter(manager, known));
  const persons = later.filter(({ name }) => isPerson(name));
  const authors = authorsOf(known);
  if (persons.length > 0 || authors.some((name) => isPerson(name))) return persons;
  return later.filter(({ name }) => authors.includes(name));
}

/** The API server records whole seconds, so a write in the second of the request counts as later. */
function wroteAfter({ atMs }: FieldManager, { since }: SourceStatus): boolean {
  const sinceMs = Date.parse(since);
  return atMs !== undefined && atMs >= sinceMs - (sinceMs % 1_000);
}

/** By the clock of the API server where it is known, so that a later write compares with it. */
function writtenAtMs(writers: readonly FieldManager[], nowMs: number): number {
  const newestMs = Math.max(...writers.map(({ atMs }) => atMs ?? Number.NEGATIVE_INFINITY));
  return Number.isFinite(newestMs) ? Math.min(newestMs, nowMs) : nowMs;
}

function refusalOf(known: SourceStatus, request: TradingRequest): string {
  const { field, state, managers } = request;
  const names = managers.map(({ name }) => name).join(', ');
  const isEarlier = names !== '' && !managers.some((manager) => wroteAfter(manager, known));
  const writer =
    names === '' ? 'no manifest or person sets it' : `written by ${names}${isEarlier ? ' before that' : ''}`;
  const author = known.author === '' ? 'an unknown author' : known.author;
  const isUnshown = known.unshown === true;
  const when = isUnshown || isEarlier ? ` at ${known.since}` : '';
  const why = isUnshown ? ', because the resource has not shown it yet' : '';
  return (
    `${field} is ${state} (${writer}), which does not lift the ${known.state} set by ${author}${when}${why}; ` +
    `to lift it, a person sets ${remedyOf(known.state, request)}`
  );
}

/**
 * A field that a manifest has already reset must change twice, because the API server records only changes. A halt that
 * the field itself cannot set is not replaced by a sale of every position on the way.
 */
function remedyOf(before: TradingState, { source, field, state }: TradingRequest): string {
  const target = valueFor(source, state) ?? state;
  const value = valueFor(source, before);
  return value === undefined
    ? `spec.halt to true, then ${field} to true and to ${target}, and then spec.halt to false`
    : `${field} to ${value} and then to ${target}`;
}
