import type { SourceStatus } from '../../api/v1alpha1/trading-stack/status.ts';
import { COLOURS } from '../../api/v1alpha1/trading-stack/status.ts';
import { since } from './age.ts';
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
    .map((source) => ({ source, line: lineOf(source, place.nowMs), lift: liftOf(source.source, place) }));
}

function lineOf({ source, state, author, reason, since: from }: SourceStatus, nowMs: number): string {
  const by = author === '' ? '' : `, by ${author}`;
  return `${source} asks for ${state} for ${since(from, nowMs)}${by}${reason === '' ? '' : `: ${reason}`}`;
}

const FIELDS: Readonly<Record<string, string>> = {
  spec: '{"spec":{"halt":false}}',
  'spec-flatten': '{"spec":{"flatten":false}}',
  'spec-state': '{"spec":{"tradingState":"Active"}}',
};

/** Sources that risk lifts by itself. */
const OF_RISK: Readonly<Record<string, string>> = {
  flatten: 'risk, once neither spec.flatten nor the annotation asks for Flattening',
  'breaker-drawdown':
    'risk, once a person has inserted a row into risk.breaker_resets: see docs/runbook.md, "A breaker tripped"',
};

/** What lifts a source. A source is lifted only by itself, on purpose. */
function liftOf(source: string, place: Place): string {
  const { name, namespace } = place;
  const field = FIELDS[source];
  if (field !== undefined) return `kubectl patch tradingstack -n ${namespace} ${name} --type merge -p '${field}'`;
  const byRisk = OF_RISK[source];
  if (byRisk !== undefined) return byRisk;
  if (source.startsWith('breaker-')) return 'risk itself: see docs/runbook.md, "A breaker tripped"';
  if (source === 'annotation') return `kubectl tradingstack resume -n ${namespace} ${name}`;
  if (source === 'command') return `${haltProgram(place)} --resume`;
  return `a row of trading.halts with source '${source}': see docs/runbook.md, "Stop trading without the operator"`;
}

/** The command that halts without the operator: for a halt that it does not take up. */
export function emergencyHalt(place: Pick<Place, 'name' | 'namespace' | 'status'>): string {
  return `${haltProgram(place)} --reason 'why'`;
}

/** In the pod that sends: a Deployment also has a spare. While no pod is known, in one of the first colour. */
function haltProgram({ name, namespace, status }: Pick<Place, 'name' | 'namespace' | 'status'>): string {
  const { active, pod } = status.execution ?? {};
  const colour = COLOURS.find((each) => each === active);
  const place = colour !== undefined && pod !== undefined ? pod : `deploy/${name}-execution-${colour ?? COLOURS[0]}`;
  return `kubectl exec -n ${namespace} ${place} -- node /app/halt.mjs`;
}
