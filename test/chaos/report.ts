import { median, percentile } from '../bench/statistics.ts';
import { BYTES_PER_MINUTE_MAX, grows, type MemoryGrowth } from './memory/memory-growth.ts';

/** What one fault did. Times in milliseconds, counted from the end of the fault. */
export interface FaultRecord {
  /** UTC milliseconds of its start. */
  readonly atMs: number;
  readonly fault: string;
  /** From its start to its end. For a kill, the end is when the successor is ready. */
  readonly lastedMs: number;
  /** Undefined if the stack did not run again. */
  readonly runningMs: number | undefined;
  /** Undefined if the venue received no order. */
  readonly orderMs: number | undefined;
}

export interface Violation {
  /** UTC milliseconds. */
  readonly atMs: number;
  /** The fault after which it was found, or what was judged. */
  readonly after: string;
  readonly text: string;
}

/** Everything that a run has found so far. */
export interface ChaosRecord {
  readonly faults: FaultRecord[];
  readonly violations: Violation[];
}

export function faultLine({ atMs, fault, lastedMs, runningMs, orderMs }: FaultRecord): string {
  const running = runningMs === undefined ? 'not Running again' : `Running again after ${seconds(runningMs)}`;
  const order = orderMs === undefined ? 'no order after it' : `first order after ${seconds(orderMs)}`;
  return `${time(atMs)}  ${fault.padEnd(26)} lasted ${seconds(lastedMs)}, ${running}, ${order}`;
}

export function violationLine({ atMs, after, text }: Violation): string {
  return `${time(atMs)}  VIOLATION after ${after}: ${text}`;
}

export function booksLine(
  atMs: number,
  { orders, fills }: { readonly orders: number; readonly fills: number },
): string {
  return `${time(atMs)}  books equal the venue's: ${orders} orders, ${fills} fills, no order without an end`;
}

/** One line for each process: its memory, and the slope after the warm-up where it was observed long enough. */
export function memoryLines(memory: readonly MemoryGrowth[]): readonly string[] {
  return memory.map((growth) => {
    const { name, processes, maxBytes } = growth;
    const label = `memory  ${name.padEnd(18)} ${mb(maxBytes).padStart(8)} at most in ${processes} processes`;
    return `${label}; ${warmPart(growth)}`;
  });
}

function warmPart({ firstBytes, lastBytes, observedMinutes, bytesPerMinute }: MemoryGrowth): string {
  if (firstBytes === undefined || lastBytes === undefined) return 'none ran for longer than its warm-up';
  const slope = bytesPerMinute === undefined ? 'too short for a slope' : `${mb(bytesPerMinute * 10)} per 10 minutes`;
  return `warm for ${observedMinutes.toFixed(1)} minutes, from ${mb(firstBytes)} to ${mb(lastBytes)}: ${slope}`;
}

/** One line for each group of faults: how often, and how long the stack took to run and to trade again. */
export function groupLines(faults: readonly FaultRecord[]): readonly string[] {
  const groups = Map.groupBy(faults, ({ fault }) => fault.replace(/-.*/, ''));
  return [...groups].map(([group, records]) => {
    const running = timesOf(records.map(({ runningMs }) => runningMs));
    const order = timesOf(records.map(({ orderMs }) => orderMs));
    return `${group.padEnd(8)}${String(records.length).padStart(3)} faults: Running again ${running}; first order ${order}`;
  });
}

/** The violations of memory that grows. */
export function memoryViolations(memory: readonly MemoryGrowth[], atMs: number): readonly Violation[] {
  return memory.filter(grows).map(({ name, bytesPerMinute = 0 }) => ({
    atMs,
    after: 'memory',
    text: `${name} grows by ${mb(bytesPerMinute * 10)} in 10 minutes; at most ${mb(BYTES_PER_MINUTE_MAX * 10)} is flat`,
  }));
}

/** The last line. */
export function totalLine({ faults, violations }: ChaosRecord): string {
  return `${faults.length} faults, ${violations.length} violations`;
}

function timesOf(times: readonly (number | undefined)[]): string {
  const known = times.filter((ms) => ms !== undefined);
  const missing = known.length < times.length ? `, ${times.length - known.length} times not` : '';
  if (known.length === 0) return 'never';
  return `after ${seconds(median(known))} in the median, ${seconds(percentile(known, 1))} at most${missing}`;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

function mb(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** Time of day, UTC. */
function time(atMs: number): string {
  return new Date(atMs).toISOString().slice(11, 19);
}
