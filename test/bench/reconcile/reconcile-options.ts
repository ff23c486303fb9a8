import { UsageError, type BenchValues } from '../bench.ts';

export interface ReconcileRun {
  readonly stacks: number;
  /** How long nothing is changed, while the operator is followed. */
  readonly idleMs: number;
  /** Changes of a spec, in turn over the stacks. */
  readonly edits: number;
  /** Children that are deleted or altered, in turn over the stacks. */
  readonly drifts: number;
  /** Pause between two changes. */
  readonly pauseMs: number;
}

const DEFAULTS = { stacks: '20', minutes: '2' } as const;
const PAUSE_MS = 500;
const MS_PER_MINUTE = 60_000;

/** Reads the options of the command line. Throws UsageError with the option and what it may be. */
export function reconcileRunOf(values: BenchValues): ReconcileRun {
  const { stacks: stacksText = DEFAULTS.stacks, minutes = DEFAULTS.minutes } = values;
  const stacks = wholeOf('stacks', stacksText, { min: 1, max: 500 });
  const { edits = String(2 * stacks), drifts = String(stacks) } = values;
  return {
    stacks,
    idleMs: minutesOf(minutes) * MS_PER_MINUTE,
    edits: wholeOf('edits', edits, { min: 1, max: 10_000 }),
    drifts: wholeOf('drifts', drifts, { min: 1, max: 10_000 }),
    pauseMs: PAUSE_MS,
  };
}

type Value = BenchValues[string];

function wholeOf(option: string, text: Value, { min, max }: { readonly min: number; readonly max: number }): number {
  const value = Number(text);
  if (typeof text === 'string' && /^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new UsageError(`--${option} is ${JSON.stringify(text)}: must be a whole number from ${min} to ${max}`);
}

const MINUTES_MAX = 1_440;

/** Fractions are allowed, to try the bench out. */
function minutesOf(text: Value): number {
  const value = Number(text);
  if (typeof text === 'string' && /^\d+(\.\d+)?$/.test(text) && value > 0 && value <= MINUTES_MAX) return value;
  throw new UsageError(`--minutes is ${JSON.stringify(text)}: must be a number above 0, at most ${MINUTES_MAX}`);
}
