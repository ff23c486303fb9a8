import type { VenueLogEntry } from '../../services/exchange-simulator/core/venue-log-entry.ts';
import type { CallStep } from '../../services/replay/core/call-step.ts';
import { add, parseDecimal, ZERO } from '../../services/shared/domain/decimal.ts';
import type { ApprovalRow } from './course-violations.ts';

/** History of the requests to the venue. */
export interface Pauses {
  /** In the order in which they happened. */
  readonly calls: readonly CallStep[];
  readonly log: readonly VenueLogEntry[];
  readonly approvals: readonly ApprovalRow[];
  /** From then on trading is halted, so that every open order has to be cancelled. UTC milliseconds. */
  readonly haltMs: number;
  /** When the run is over. UTC milliseconds. */
  readonly endMs: number;
  /**
   * Maximum time in which the venue takes cancellations and an order that has to end is open, from then or from one
   * request for its cancellation to the next one: each may be lost.
   */
  readonly cancelBoundMs: number;
  /** Maximum time in which the venue takes requests, and no process sends any. */
  readonly silenceBoundMs: number;
}

type Paused = Extract<CallStep, { kind: 'Paused' }>;
type Sent = Extract<CallStep, { kind: 'Sent' }>;

/**
 * Returns every violation of I15, as text: a process sends nothing in a pause that the venue demanded of it, or of
 * another process before it started, except cancellations in one that is no ban; and a pause that is over holds back no
 * cancellation, nor every request.
 */
export function pauseViolations(pauses: Pauses): readonly string[] {
  return [...sentInPause(pauses), ...heldBack(pauses), ...silences(pauses)];
}

interface Standing {
  /** The one that ends last. */
  readonly limit?: Paused;
  readonly ban?: Paused;
}

/** The processes share their pauses, so that one that starts knows those of the others. */
function sentInPause({ calls }: Pauses): readonly string[] {
  const known = new Map<string, Standing>();
  let shared: Standing = {};
  return calls.flatMap((step) => {
    const { process, at_ms: atMs } = step;
    const standing = known.get(process) ?? shared;
    known.set(process, step.kind === 'Paused' ? withPause(standing, step) : standing);
    if (step.kind === 'Paused') {
      shared = withPause(shared, step);
      return [];
    }
    const pause = step.cancels === undefined ? standing.limit : standing.ban;
    if (pause === undefined || atMs >= pause.until_ms) return [];
    const kind = pause.banned ? 'ban' : 'limit';
    return [`I15: ${process} sent ${step.call} ${atMs - pause.at_ms} ms into a ${kind} of ${lengthOf(pause)} ms`];
  });
}

function withPause(standing: Standing, pause: Paused): Standing {
  const limit = laterEnd(standing.limit, pause);
  return pause.banned ? { limit, ban: laterEnd(standing.ban, pause) } : { ...standing, limit };
}

function laterEnd(before: Paused | undefined, pause: Paused): Paused {
  return before === undefined || before.until_ms < pause.until_ms ? pause : before;
}

function lengthOf({ at_ms: atMs, until_ms: untilMs }: Paused): number {
  return untilMs - atMs;
}

/** Orders that are open at the venue after their deadline, or in the halt, without requests for their cancellation. */
function heldBack({ calls, log, approvals, haltMs, endMs, cancelBoundMs }: Pauses): readonly string[] {
  const pauses = calls.filter((step): step is Paused => step.kind === 'Paused');
  const cancels = Map.groupBy(
    calls.filter((step): step is Sent => step.kind === 'Sent'),
    ({ cancels: id }) => id,
  );
  const deadlines = new Map(approvals.map(({ client_order_id: id, deadline_ms: deadlineMs }) => [id, deadlineMs]));
  return livesOf(log, endMs).flatMap(({ id, fromMs, toMs }) => {
    const dueMs = Math.max(fromMs, Math.min(haltMs, deadlines.get(id) ?? haltMs));
    const requestedMs = (cancels.get(id) ?? []).map(({ at_ms: atMs }) => atMs);
    const longestMs = Math.max(0, ...gapsBetween(requestedMs, dueMs, toMs).map((gap) => freeMs(pauses, ...gap)));
    return longestMs > cancelBoundMs
      ? [`I15: no cancellation of ${id} was sent for ${longestMs} ms in which the venue took requests`]
      : [];
  });
}

/** Returns the gaps from one time to another that the times between them leave. */
function gapsBetween(times: readonly number[], fromMs: number, toMs: number): readonly (readonly [number, number])[] {
  const within = times.filter((atMs) => atMs >= fromMs && atMs < toMs);
  return [fromMs, ...within].map((atMs, index) => [atMs, within[index] ?? toMs] as const);
}

/** Until the halt: after it, little is left to ask for. */
function silences({ calls, haltMs, silenceBoundMs }: Pauses): readonly string[] {
  const pauses = calls.filter((step): step is Paused => step.kind === 'Paused');
  const sentMs = calls.flatMap((step) => (step.kind === 'Sent' && step.at_ms < haltMs ? [step.at_ms] : []));
  return sentMs.flatMap((fromMs, index) => {
    const toMs = sentMs[index + 1] ?? haltMs;
    const silentMs = toMs - fromMs > silenceBoundMs ? freeMs(pauses, fromMs, toMs) : 0;
    return silentMs > silenceBoundMs
      ? [`I15: no request was sent for ${silentMs} ms in which the venue took requests`]
      : [];
  });
}

interface Life {
  readonly id: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Returns from when to when each order was open at the venue; until the end if it did not end before. */
function livesOf(log: readonly VenueLogEntry[], endMs: number): readonly Life[] {
  const byOrder = Map.groupBy(log, ({ clientOrderId = '' }) => clientOrderId);
  return [...byOrder].flatMap(([id, entries]) => {
    const placed = entries.find(({ kind }) => kind === 'placed');
    if (placed === undefined) return [];
    const wanted = parseDecimal(placed.quantity ?? '0');
    let filled = ZERO;
    const end = entries.find(({ kind, quantity = '0' }) => {
      if (kind === 'fill') filled = add(filled, parseDecimal(quantity));
      return kind === 'cancelled' || filled >= wanted;
    });
    return [{ id, fromMs: placed.time, toMs: end?.time ?? endMs }];
  });
}

/** Returns how long, between two times, no pause stood. */
function freeMs(pauses: readonly Paused[], fromMs: number, toMs: number): number {
  let free = 0;
  let coveredMs = fromMs;
  for (const { at_ms: atMs, until_ms: untilMs } of pauses) {
    if (atMs >= toMs) break;
    free += Math.max(0, atMs - coveredMs);
    coveredMs = Math.max(coveredMs, untilMs);
  }
  return free + Math.max(0, toMs - coveredMs);
}
