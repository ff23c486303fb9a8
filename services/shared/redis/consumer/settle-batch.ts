import type { Clock } from '../../runtime/clock.ts';
import { messageOf } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/logger.ts';
import { pause } from '../../runtime/periodic.ts';
import { backoffMs } from '../../runtime/retry.ts';
import { acknowledge, bury, type Membership } from './consumer-group.ts';
import type { ConsumerMetrics } from './consumer-metrics.ts';
import { decodeEntry, type ParsePayload, type RawEntry, type StreamEntry } from '../stream-entry.ts';

/**
 * `ack`: done. `retry`: delivered again after the idle time, and counted. `dead`: can never be handled; moved
 * to the dead letters.
 */
export type Outcome =
  | { readonly kind: 'ack' }
  | { readonly kind: 'retry'; readonly reason: string }
  | { readonly kind: 'dead'; readonly reason: string };

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
  readonly label: 'ack' | 'retry' | 'dead' | 'malformed';
}

/**
 * How many times `maxDeliveries` an entry may be delivered without being judged. A restart counts as a delivery, but
 * the entry may also be what kills each process that handles it.
 */
const UNJUDGED_FACTOR = 2;

/**
 * Decodes and handles a batch, then acknowledges or buries its entries. Malformed entries, entries judged too often and
 * dead letters that cannot be written do not hold up the others.
 */
export async function settleBatch<T>(raws: readonly RawEntry[], options: SettleOptions<T>): Promise<void> {
  const { parse, maxDeliveries } = options;
  const settled: Settled[] = [];
  const entries = new Map<StreamEntry<T>, RawEntry>();
  for (const raw of raws) {
    const decoded = decodeEntry(raw, parse);
    if (decoded.kind === 'malformed') {
      settled.push({ raw, outcome: { kind: 'dead', reason: `malformed: ${decoded.reason}` }, label: 'malformed' });
    } else if (raw.deliveries > UNJUDGED_FACTOR * maxDeliveries) {
      const reason = `delivered ${raw.deliveries} times, and never judged`;
      settled.push({ raw, outcome: { kind: 'dead', reason }, label: 'dead' });
    } else {
      entries.set(decoded.entry, raw);
    }
  }
  const outcomes = entries.size === 0 ? [] : await handleUntilDone([...entries.keys()], options);
  const judged = [...entries.values()].flatMap((raw, index) =>
    outcomes === undefined ? [] : [judgedOf(raw, outcomes[index], maxDeliveries)],
  );
  await acknowledgeOrBury([...judged, ...settled], options);
}

/** An entry that is to be tried again ends once it has been delivered `maxDeliveries` times. */
function judgedOf(raw: RawEntry, outcome: Outcome | undefined, maxDeliveries: number): Settled {
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

/**
 * Both commands may be repeated, so they are retried: a lost reply does not cause handled entries to be handled again.
 */
async function acknowledgeOrBury<T>(settled: readonly Settled[], options: SettleOptions<T>): Promise<void> {
  const { member, metrics, log, clock } = options;
  for (const [stream, group] of Map.groupBy(settled, ({ raw }) => raw.stream)) {
    const acked = group.filter(({ outcome }) => outcome.kind === 'ack').map(({ raw }) => raw.id);
    await retryWrite(async () => await acknowledge(member, stream, acked), clock);
    for (const { label } of group) metrics.entries.inc({ stream, outcome: label });
  }
  for (const { raw, outcome } of settled) {
    if (outcome.kind === 'ack') continue;
    const { stream, id, deliveries } = raw;
    log.warn({ stream, id, deliveries, outcome: outcome.kind, reason: outcome.reason }, 'stream entry not handled');
    if (outcome.kind !== 'dead') continue;
    await retryWrite(async () => await bury(member, raw, outcome.reason), clock).catch((error: unknown) => {
      log.error({ stream, id, err: error }, 'dead letter not written, the entry stays');
    });
  }
}

const WRITE_ATTEMPTS = 10;

async function retryWrite(work: () => Promise<void>, clock: Clock): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await work();
      return;
    } catch (error) {
      // The entry stays pending and is delivered again.
      if (attempt === WRITE_ATTEMPTS) throw error;
      await clock.sleep(backoffMs(attempt, { minMs: 20, maxMs: 500 }, clock.random));
    }
  }
}
