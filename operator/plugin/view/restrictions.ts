import { mostRestrictive } from '../../../services/shared/domain/trading-state.ts';
import type { SourceStatus } from '../../api/v1alpha1/trading-stack/status.ts';
import { COLOURS } from '../../api/v1alpha1/trading-stack/status.ts';
import { since } from './age.ts';
import { DECIDER } from './exits.ts';
import type { StackReport } from './stack-report.ts';

/** A source that asks for less than Active, and what lifts it. */
export interface Restriction {
  readonly source: SourceStatus;
  /** `annotation asks for Halted for 3m, by kubectl-tradingstack: why`. */
  readonly line: string;
  /** A command, or where to read. */
  readonly lift: string;
}

type Place = Pick<StackReport, 'name' | 'namespace' | 'status' | 'nowMs'>;

/** Returns what restricts trading, one entry for each source. */
export function restrictionsOf(place: Place): readonly Restriction[] {
  const sources = place.status.trading?.sources ?? [];
  return sources
    .filter(({ state }) => state !== 'Active')
    .map((source) => ({ source, line: lineOf(source, place.nowMs), lift: liftOf(source, place) }));
}

function lineOf({ source, state, author, reason, since: from }: SourceStatus, nowMs: number): string {
  const by = author === '' ? '' : `, by ${author}`;
  return `${source} asks for ${state} for ${since(from, nowMs)}${by}${reason === '' ? '' : `: ${reason}`}`;
}

const FIELDS: Readonly<Record<string, string>> = {
  spec: '{"spec":{"halt":false}}',
  'spec-state': '{"spec":{"tradingState":"Active"}}',
};

/** Source of the halt by which risk says that every position is sold; a person may insert one of the same name. */
export function isEndOfSale({ source, state, author }: SourceStatus): boolean {
  return source === 'flatten' && state === 'Halted' && author === DECIDER;
}

/** Sources that a process lifts by itself. */
const OF_PROCESS: Readonly<Record<string, string>> = {
  swap: 'the operator, once the swap is over; to stop the sale, halt',
  flatten: 'risk, once neither spec.flatten nor the annotation asks for Flattening',
  'breaker-drawdown':
    'risk, once a person has inserted a row into risk.breaker_resets: see docs/runbook.md, "A breaker tripped"',
};

const BREAKER = 'risk itself: see docs/runbook.md, "A breaker tripped"';

/** A person may insert a row of the same name, which no process lifts. */
function isOfProcess(status: SourceStatus): boolean {
  const { source, author } = status;
  if (source === 'flatten') return isEndOfSale(status);
  return author === (source === 'swap' ? 'operator' : DECIDER);
}

/** One source after the other, each with what lifts it; not wrapped, so that a command can be copied. */
export function restrictionLines(restrictions: readonly Restriction[]): readonly string[] {
  return restrictions.flatMap(({ line, lift }) => [`  ${line}`, `    lifted by ${lift}`]);
}

/** Who sells, and how to follow and stop that. Not what withdraws it first: a person who sells does not want that. */
export function saleLines(place: Place): readonly string[] {
  const { name, namespace } = place;
  const restrictions = restrictionsOf(place);
  const waits = restrictions.some(({ source }) => source.source === 'spec-flatten') ? 'flatten' : 'positions';
  return [
    ...restrictions.map(({ line }) => `  ${line}`),
    `To follow the sale: kubectl tradingstack ${waits} -n ${namespace} ${name}`,
    `To stop the sale: kubectl tradingstack halt -n ${namespace} ${name}`,
  ];
}

/** Whether a sale is all that restricts trading: positions are sold, because no source halts. */
export function isSale(restrictions: readonly Restriction[]): boolean {
  return mostRestrictive(restrictions.map(({ source }) => source.state)) === 'Flattening';
}

/** The command that withdraws a sale, also one that is finished. */
export function cancelCommand({ name, namespace }: Pick<Place, 'name' | 'namespace'>): string {
  return `kubectl tradingstack flatten -n ${namespace} ${name} --cancel`;
}

/** What lifts a source. A source is lifted only by itself, on purpose. */
function liftOf(status: SourceStatus, place: Place): string {
  const { name, namespace } = place;
  const { source } = status;
  const field = FIELDS[source];
  if (field !== undefined) return `kubectl patch tradingstack -n ${namespace} ${name} --type merge -p '${field}'`;
  const isBreaker = source.startsWith('breaker-');
  const byProcess = OF_PROCESS[source] ?? (isBreaker ? BREAKER : undefined);
  if (byProcess !== undefined && isOfProcess(status)) return byProcess;
  if (source === 'spec-flatten') return cancelCommand(place);
  if (source === 'annotation') return `kubectl tradingstack resume -n ${namespace} ${name}`;
  if (source === 'command') return `${haltProgram(place)} --resume`;
  return `a row of trading.halts with source '${source}': see docs/runbook.md, "Stop trading without the operator"`;
}

/** How to halt without the operator: for a halt that it does not take up. */
export function haltWithoutOperator(place: Pick<Place, 'name' | 'namespace' | 'status'>): string {
  return `To halt without the operator:\n  ${haltProgram(place)} --reason 'why'`;
}

/** How to sell every position without the operator, which the program neither waits for nor shows. */
export function sellWithoutOperator(place: Pick<Place, 'name' | 'namespace' | 'status'>): string {
  return [
    'To sell without the operator:',
    `  ${haltProgram(place)} --state Flattening --author 'your name' --reason 'why'`,
    `It returns at once. To follow the sale: kubectl tradingstack positions -n ${place.namespace} ${place.name}`,
    `To withdraw it: that command with --resume instead, and ${cancelCommand(place)}: otherwise the operator sells when it returns.`,
  ].join('\n');
}

/** How to stop a sale whose end the operator does not take up. */
export function stopWithoutOperator(place: Pick<Place, 'name' | 'namespace' | 'status'>): string {
  return `A sale that has begun goes on. To stop it without the operator:\n  ${haltProgram(place)} --reason 'why'`;
}

/** In the pod that sends: a Deployment also has a spare. While no pod is known, in one of the first colour. */
function haltProgram({ name, namespace, status }: Pick<Place, 'name' | 'namespace' | 'status'>): string {
  const { active, pod } = status.execution ?? {};
  const colour = COLOURS.find((each) => each === active);
  const place = colour !== undefined && pod !== undefined ? pod : `deploy/${name}-execution-${colour ?? COLOURS[0]}`;
  return `kubectl exec -n ${namespace} ${place} -- node /app/halt.mjs`;
}
