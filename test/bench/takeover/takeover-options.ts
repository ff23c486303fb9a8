import { UsageError, type BenchValues } from '../bench.ts';

/** What happens to the process that sends. */
export const FAULTS = ['kill', 'stop'] as const;
export type Fault = (typeof FAULTS)[number];

/** Of each fault. */
export const SIGNALS: Readonly<Record<Fault, NodeJS.Signals>> = { kill: 'SIGKILL', stop: 'SIGSTOP' };

export interface TakeoverRequest {
  /** In the order in which they happen: one of each in turn. */
  readonly faults: readonly Fault[];
  readonly pauseMs: number;
}

const FAULTS_MAX = 200;
const PAUSE_SECONDS_MAX = 600;

/** Reads the options of the command line. Throws UsageError with the option and what it may be. */
export function takeoverRequestOf(values: BenchValues): TakeoverRequest {
  const { faults = '20', pause = '16', only } = values;
  const kinds = only === undefined ? FAULTS : FAULTS.filter((fault) => fault === only);
  if (kinds.length === 0) throw new UsageError(`--only is ${JSON.stringify(only)}: may be ${FAULTS.join(' or ')}`);
  const count = numberOf('faults', String(faults), FAULTS_MAX);
  return {
    faults: Array.from({ length: count }, () => kinds).flat(),
    pauseMs: numberOf('pause', String(pause), PAUSE_SECONDS_MAX) * 1_000,
  };
}

function numberOf(option: string, text: string, max: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= max) return value;
  throw new UsageError(`--${option} is ${JSON.stringify(text)}: must be a whole number from 1 to ${max}`);
}
