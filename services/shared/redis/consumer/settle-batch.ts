import type { Clock } from '../../runtime/clock.ts';
import { messageOf } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/logger.ts';
import { pause } from '../../runtime/periodic.ts';
import { backoffMs } from '../../runtime/retry.ts';
import { acknowledge, bury, giveBack, type Membership } from './consumer-group.ts';
import type { ConsumerMetrics } from './consumer-metrics.ts';
import type { JudgedEntries } from './judged-entries.ts';
import { IN_COMPANY_MAX } from './left-entries.ts';
import { decodeEntry, type ParsePayload, type RawEntry, type StreamEntry } from '../stream-entry.ts';

/**
 * `ack`: done. `retry`: stays, and is delivered again: after the idle time, or at once if a command to Redis fails or
 * the process restarts. Each delivery counts. `dead`: can never be handled; moved to the dead letters. `yield`: another
 * member may handle it, and this one may not now. It goes back to the group, is offered again in the next round of any
 * member, and no delivery of it counts.
 */
export type Outcome =
  | { readonly kind: 'ack' }
  | { readonly kind: 'retry'; readonly reason: string }
  | { readonly kind: 'dead'; readonly reason: string }
  | { readonly kind: 'yield'; readonly reason: string };

export const ACK: Outcome = { kind: 'ack' };

/**
 * Handles entries and returns one outcome per entry, in the same order. Throwing means that a dependency is
 * unavailable: the same batch is retried in place, with growing pauses and without being counted, and no other entries
 * are read until it succeeds.
 */
export type BatchHandler<T> = (entries: readonly StreamEntry<T>[], signal: AbortSignal) => Promise<readonly Outcome[]>;

/**
 * Returns a batch handler that handles entries one at a time, in order. An error for which `unavailable` returns true
 * is rethrown. Any other error counts against its entry only, which becomes a dead letter after too many failures.
 */
export function eachEntry<T>(
  handle: (entry: StreamEntry<T>, signal: AbortSignal) => Promise<Outcome>,
  unavailable: (error: unknown) => boolean,
): BatchHandler<T> {
  // Outcomes survive an error in the middle of a batch: a retry does not repeat completed entries.
  const done = new WeakMap<StreamEntry<T>, Outcome>();
  return async (entries, signal) => {
    const outcomes: Outcome[] = [];
    for (const entry of entries) {
      const outcome = done.get(entry) ?? (await outcomeOf(entry, signal));
      done.set(entry, outcome);
      outcomes.push(outcome);
    }
    return outcomes;
  };

  async function outcomeOf(entry: StreamEntry<T>, signal: AbortSignal): Promise<Outcome> {
    try {
      return await handle(entry, signal);
    } catch (error) {
      if (unavailable(error) || signal.aborted) throw error;
      return { kind: 'retry', reason: messageOf(error) };
    }
  }
}

export interface SettleOptions<T> {
  readonly handle: BatchHandler<T>;
  readonly parse: ParsePayload<T>;
  readonly maxDeliveries: number;
  readonly minIdleMs: number;
  readonly judged: JudgedEntries;
  readonly member: Membership;
  readonly metrics: ConsumerMetrics;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Called with the reason while the handler throws, and with undefined once it no longer does. */
  readonly onBlocked: (reason: string | undefined) => void;
}

interface Settled {
  readonly raw: RawEntry;
  readonly outcome: Outcome;
  readonly label: Outcome['kind'] | 'malformed';
}

/**
 * Decodes and handles a batch, then acknowledges or buries its entries. Malformed entries and dead letters that cannot
 * be written do not hold up the others: such a letter is tried again at the next delivery. An entry that was delivered
 * more often than `maxDeliveries`, and alone at least once, without being acknowledged is buried and not handled.
 */
export async function settleBatch<T>(raws: readonly RawEntry[], options: SettleOptions<T>): Promise<void> {
  const { parse, maxDeliveries, judged } = options;
  const deliveriesMax = Math.max(maxDeliveries, IN_COMPANY_MAX + 1);
  const settled: Settled[] = [];
  const entries = new Map<StreamEntry<T>, RawEntry>();
  for (const raw of raws) {
    const decoded = decodeEntry(raw, parse);
    if (decoded.kind === 'malformed') {
      settled.push({ raw, outcome: { kind: 'dead', reason: `malformed: ${decoded.reason}` }, label: 'malformed' });
    } else if (raw.deliveries > deliveriesMax) {
      const reason = judged.reasonOf(raw) ?? `delivered ${raw.deliveries} times without being acknowledged`;
      settled.push({ raw, outcome: { kind: 'dead', reason }, label: 'dead' });
    } else {
      entries.set(decoded.entry, raw);
    }
  }
  const outcomes = entries.size === 0 ? [] : await handleUntilDone([...entries.keys()], options);
  const handled = [...entries.values()].flatMap((raw, index) =>
    outcomes === undefined ? [] : [settledOf(raw, outcomes[index], maxDeliveries)],
  );
  await acknowledgeOrBury([...handled, ...settled], options);
}

/** An entry that is to be tried again ends once it has been delivered `maxDeliveries` times. */
function settledOf(raw: RawEntry, outcome: Outcome | undefined, maxDeliveries: number): Settled {
  if (outcome === undefined) throw new Error('the handler returned fewer outcomes than entries');
  if (outcome.kind !== 'retry' || raw.deliveries < maxDeliveries) return { raw, outcome, label: outcome.kind };
  return { raw, outcome: { kind: 'dead', reason: outcome.reason }, label: 'dead' };
}

/**
 * Passes the batch to the handler until it succeeds, and at least once: entries delivered to a process that is about to
 * stop would otherwise wait until they count as idle. Undefined when the process stops first.
 */
async function handleUntilDone<T>(
  entries: readonly StreamEntry<T>[],
  options: SettleOptions<T>,
): Promise<readonly Outcome[] | undefined> {
  const { handle, signal, clock, log, onBlocked } = options;
  for (let attempt = 1; attempt === 1 || !signal.aborted; attempt += 1) {
    try {
      const outcomes = await handle(entries, signal);
      onBlocked(undefined);
      return outcomes;
    } catch (error) {
      onBlocked(messageOf(error));
      log.warn({ attempt, entries: entries.length, err: error }, 'stream handler failed, retrying the batch');
      await pause(clock, backoffMs(attempt, { minMs: 50, maxMs: 2_000 }, clock.random), signal);
    }
  }
  return undefined;
}

async function acknowledgeOrBury<T>(settled: readonly Settled[], options: SettleOptions<T>): Promise<void> {
  const { member, metrics, log, clock, judged } = options;
  for (const [stream, group] of Map.groupBy(settled, ({ raw }) => raw.stream)) {
    const acked = group.filter(({ outcome }) => outcome.kind === 'ack').map(({ raw }) => raw);
    await acknowledgeSurely(member, stream, acked, clock);
    for (const raw of acked) judged.forget(raw);
    if (group.some(({ outcome }) => outcome.kind === 'yield')) await giveBackIfPossible(group, stream, options);
    for (const { label } of group) metrics.entries.inc({ stream, outcome: label });
  }
  const letters: Promise<void>[] = [];
  for (const { raw, outcome } of settled) {
    if (outcome.kind === 'ack' || outcome.kind === 'yield') continue;
    const { stream, id, deliveries } = raw;
    const { kind, reason } = outcome;
    log.warn({ stream, id, deliveries, outcome: kind, reason }, 'stream entry not handled');
    judged.note(raw, reason);
    if (kind === 'dead') letters.push(buryIfPossible(raw, reason, options));
  }
  await Promise.all(letters);
}

/** Tries once. What cannot be given back stays with this member, and is offered again after the idle time. */
async function giveBackIfPossible<T>(
  settled: readonly Settled[],
  stream: string,
  { member, minIdleMs, judged, log }: SettleOptions<T>,
): Promise<void> {
  const yielded = settled.flatMap(({ raw, outcome }) => (outcome.kind === 'yield' ? [{ raw, ...outcome }] : []));
  for (const { raw, reason } of yielded) judged.note(raw, reason);
  const ids = yielded.map(({ raw }) => raw.id);
  try {
    await giveBack(member, { stream, ids, minIdleMs });
    log.info({ stream, ids }, 'stream entries left to another member');
  } catch (error) {
    log.warn({ stream, ids, err: error }, 'stream entries not given back, they stay');
  }
}

/** Tries once: a letter that cannot be written must not hold up what comes after it. */
async function buryIfPossible<T>(
  raw: RawEntry,
  reason: string,
  { member, judged, log }: SettleOptions<T>,
): Promise<void> {
  const { stream, id } = raw;
  try {
    await bury(member, raw, reason);
    judged.forget(raw);
  } catch (error) {
    log.error({ stream, id, err: error }, 'dead letter not written, the entry stays');
  }
}

const ACK_ATTEMPTS = 10;

/**
 * An acknowledgement may be repeated, so it is: a lost reply does not cause handled entries to be handled again. Throws
 * after ten attempts; then the entries stay, and are delivered again.
 */
async function acknowledgeSurely(
  member: Membership,
  stream: string,
  entries: readonly RawEntry[],
  clock: Clock,
): Promise<void> {
  const ids = entries.map(({ id }) => id);
  for (let attempt = 1; ; attempt += 1) {
    try {
      await acknowledge(member, stream, ids);
      return;
    } catch (error) {
      if (attempt === ACK_ATTEMPTS) throw error;
      await clock.sleep(backoffMs(attempt, { minMs: 20, maxMs: 500 }, clock.random));
    }
  }
}
