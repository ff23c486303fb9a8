import { isMoreRestrictive, type TradingState } from '../../../../services/shared/domain/trading-state.ts';
import type { SourceStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import type { FieldManager } from '../observe/field-managers.ts';
import { authorOf, authorsOf, isPerson, withPersons } from './authors.ts';
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
 * values, and who wrote them, of before a halt that the processes still have.
 *
 * Who lifts: a person lifts everything, because one person cannot be distinguished from another. A tool lifts what only
 * tools requested, and only its own request. So neither a sync, a rollback, a replace nor a manifest without the field
 * lifts a halt that a person set, also one that a tool had set first: every person who owns the field while it shows
 * the state is added to its authors. The API server records no owner for a patch that changes nothing.
 */
export function recordRequest(known: SourceStatus | undefined, request: TradingRequest, nowMs: number): Recorded {
  const { source, state, managers, reason } = request;
  const before = known?.state ?? 'Active';
  if (state === before) return { record: withPersons(known, managers), refusal: undefined };
  const lifts = isMoreRestrictive(before, state);
  const writers = known === undefined || !lifts ? managers : liftersOf(known, managers);
  if (lifts && writers.length === 0) return { record: known, refusal: refusalOf(known, request) };
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

function liftersOf(known: SourceStatus, managers: readonly FieldManager[]): readonly FieldManager[] {
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

/** A field that a manifest has already reset must change twice, because the API server records only changes. */
function refusalOf(known: SourceStatus | undefined, { source, field, state, managers }: TradingRequest): string {
  const names = managers.map(({ name }) => name).join(', ');
  const isEarlier = known !== undefined && !managers.some((manager) => wroteAfter(manager, known));
  const writer =
    names === '' ? 'no manifest or person sets it' : `written by ${names}${isEarlier ? ' before that' : ''}`;
  const author = known === undefined || known.author === '' ? 'an unknown author' : known.author;
  const before = known?.state ?? 'Active';
  const when = names !== '' && isEarlier ? ` at ${known.since}` : '';
  const valueOf = (named: TradingState): string => (source === 'spec' ? String(named === 'Halted') : named);
  return (
    `${field} is ${state} (${writer}), which does not lift the ${before} set by ${author}${when}; ` +
    `to lift it, a person sets ${field} to ${valueOf(before)} and then to ${valueOf(state)}`
  );
}
