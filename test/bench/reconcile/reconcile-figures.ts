import { summaryOf, percentile, type Summary } from '../statistics.ts';
import type { ApiCall } from './observed/audit-calls.ts';
import type { Usage } from './observed/process-usage.ts';
import { isSameObject, isWrite, movesStack, reactionsTo } from './observed/reactions.ts';

/** A span of time on the clock of the machine. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What was seen of one program: the operator, or the reference. */
export interface Observed {
  /** Its requests. */
  readonly calls: readonly ApiCall[];
  /** Requests of the person who changes stacks. */
  readonly changes: readonly ApiCall[];
  readonly edits: Span;
  readonly drifts: Span;
  readonly idle: Span;
  readonly usages: readonly Usage[];
  readonly connections: number;
  readonly stacks: number;
}

export interface ReactionFigures extends Reaction {
  /** Until the API server received the first write. */
  readonly firstWrite: Summary | null;
}

interface Reaction {
  readonly changes: number;
  readonly unanswered: number;
}

export interface DriftFigures extends Reaction {
  /** Until the API server had answered the write. */
  readonly repaired: Summary | null;
}

export interface IdleFigures {
  readonly seconds: number;
  /** Beside those of the lease. */
  readonly requests: number;
  readonly writes: number;
  readonly requestsPerStackSecond: number;
  readonly writesPerStackSecond: number;
  /** By verb and resource. */
  readonly byKind: Readonly<Record<string, number>>;
  /** Of one core. */
  readonly cpuPercent: number | null;
}

export interface MemoryFigures {
  readonly firstMiB: number | null;
  readonly maxMiB: number | null;
  readonly lastMiB: number | null;
  /** Of the line through the samples of the idle time, without its first third. Null below a minute of samples. */
  readonly slopeMiBPer10Minutes: number | null;
}

export interface ProgramFigures {
  readonly edits: ReactionFigures;
  readonly drifts: DriftFigures;
  readonly idle: IdleFigures;
  readonly memory: MemoryFigures;
  readonly connectionsPer1000Calls: number | null;
  readonly connections: number;
  readonly calls: number;
}

export interface ConvergenceFigures {
  readonly stacks: number;
  /** Until the last one ran. */
  readonly allMs: number;
  /** Of each, from its creation until it ran. */
  readonly each: Summary;
  readonly writes: number;
  readonly writesPerSecond: number;
  readonly writesPerStack: number;
  /** By verb and resource. */
  readonly byKind: Readonly<Record<string, number>>;
}

/** `isRepair`: whether an altered child is to be written back, or any write answers. */
export function programFiguresOf(observed: Observed, { isRepair }: { readonly isRepair: boolean }): ProgramFigures {
  const { calls, changes, usages, connections } = observed;
  const edits = reactionsTo({ changes: changedIn(changes, observed.edits), writes: calls });
  const drifts = reactionsTo({
    changes: changedIn(changes, observed.drifts),
    writes: calls,
    ...(isRepair ? { answers: isSameObject } : {}),
  });
  return {
    edits: {
      changes: edits.firstWriteMs.length + edits.unanswered,
      unanswered: edits.unanswered,
      firstWrite: summarised(edits.firstWriteMs),
    },
    drifts: {
      changes: drifts.firstDoneMs.length + drifts.unanswered,
      unanswered: drifts.unanswered,
      repaired: summarised(drifts.firstDoneMs),
    },
    idle: idleOf(observed),
    memory: memoryOf(usages, observed.idle),
    connectionsPer1000Calls: calls.length === 0 ? null : rounded((1_000 * connections) / calls.length),
    connections,
    calls: calls.length,
  };
}

export function convergenceOf(calls: readonly ApiCall[], span: Span, ranMs: readonly number[]): ConvergenceFigures {
  const writes = within(calls, span).filter(movesStack);
  const seconds = (span.toMs - span.fromMs) / 1_000;
  return {
    stacks: ranMs.length,
    allMs: Math.round(span.toMs - span.fromMs),
    each: summaryOf(ranMs),
    writes: writes.length,
    writesPerSecond: rounded(writes.length / seconds),
    writesPerStack: rounded(writes.length / ranMs.length),
    byKind: countByKind(writes),
  };
}

function changedIn(changes: readonly ApiCall[], span: Span): readonly ApiCall[] {
  return within(changes, span).filter(movesStack);
}

function within(calls: readonly ApiCall[], { fromMs, toMs }: Span): readonly ApiCall[] {
  return calls.filter(({ receivedMs }) => receivedMs >= fromMs && receivedMs < toMs);
}

function idleOf({ calls, idle, stacks, usages }: Observed): IdleFigures {
  const seconds = (idle.toMs - idle.fromMs) / 1_000;
  const requests = within(calls, idle).filter(({ resource }) => resource !== 'leases');
  const writes = requests.filter(isWrite);
  return {
    seconds: rounded(seconds),
    requests: requests.length,
    writes: writes.length,
    requestsPerStackSecond: rounded(requests.length / seconds / stacks, 5),
    writesPerStackSecond: rounded(writes.length / seconds / stacks, 5),
    byKind: countByKind(requests),
    cpuPercent: cpuPercentOf(usages.filter((usage) => isWithin(usage, idle))),
  };
}

function countByKind(calls: readonly ApiCall[]): Readonly<Record<string, number>> {
  const groups = Map.groupBy(calls, ({ verb, resource }) => `${verb} ${resource}`);
  const counts = [...groups].map(([kind, list]) => [kind, list.length] as const);
  return Object.fromEntries(counts.toSorted(([, a], [, b]) => b - a));
}

function isWithin({ atMs }: Usage, { fromMs, toMs }: Span): boolean {
  return atMs >= fromMs && atMs < toMs;
}

function cpuPercentOf(usages: readonly Usage[]): number | null {
  const [first, last] = [usages[0], usages.at(-1)];
  if (first === undefined || last === undefined || first === last) return null;
  return rounded((100_000 * (last.cpuSeconds - first.cpuSeconds)) / (last.atMs - first.atMs));
}

/** Below that, the slope is that of the garbage collection. */
const SLOPE_SPAN_MS = 60_000;

function memoryOf(usages: readonly Usage[], { fromMs, toMs }: Span): MemoryFigures {
  const sizes = usages.map(({ rssMiB }) => rssMiB);
  const warm = usages.filter((usage) => isWithin(usage, { fromMs: fromMs + (toMs - fromMs) / 3, toMs }));
  const spanMs = (warm.at(-1)?.atMs ?? 0) - (warm[0]?.atMs ?? 0);
  return {
    firstMiB: roundedOrNull(sizes[0]),
    maxMiB: sizes.length === 0 ? null : rounded(percentile(sizes, 1)),
    lastMiB: roundedOrNull(sizes.at(-1)),
    slopeMiBPer10Minutes: spanMs < SLOPE_SPAN_MS ? null : rounded(slopeOf(warm) * 600_000),
  };
}

/** Least squares, in MiB per millisecond. */
function slopeOf(usages: readonly Usage[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanMs, meanMiB] = [mean(usages.map(({ atMs }) => atMs)), mean(usages.map(({ rssMiB }) => rssMiB))];
  const above = usages.reduce((sum, { atMs, rssMiB }) => sum + (atMs - meanMs) * (rssMiB - meanMiB), 0);
  return above / usages.reduce((sum, { atMs }) => sum + (atMs - meanMs) ** 2, 0);
}

function summarised(samples: readonly number[]): Summary | null {
  return samples.length === 0 ? null : summaryOf(samples);
}

function roundedOrNull(value: number | undefined): number | null {
  return value === undefined ? null : rounded(value);
}

function rounded(value: number, digits = 2): number {
  return Number(value.toFixed(digits));
}
