import { UsageError, type BenchValues } from '../bench.ts';

export interface HaltRun {
  /** Halts of each series. */
  readonly halts: number;
  /** A stack of its own is measured for each of these numbers. */
  readonly instruments: readonly number[];
  /** Names of the obstacles. They are placed at the middle number of instruments. */
  readonly obstacles: readonly string[];
}

/** `spec.instruments` has no more. */
const INSTRUMENTS_MAX = 30;
const HALTS_MAX = 1_000;
const NO_OBSTACLE = 'none';

/** Reads the options of the command line. Throws UsageError with the option and what it may be. */
export function runOf({ n = '50', instruments = '1,5,20', obstacle }: BenchValues, known: readonly string[]): HaltRun {
  const given = Array.isArray(obstacle) ? obstacle.map(String) : known;
  const obstacles = given.filter((name) => name !== NO_OBSTACLE);
  for (const name of obstacles)
    if (!known.includes(name))
      throw new UsageError(`no obstacle ${name}; obstacles: ${[NO_OBSTACLE, ...known].join(', ')}`);
  return {
    halts: numberOf('n', String(n), HALTS_MAX),
    instruments: String(instruments)
      .split(',')
      .map((text) => numberOf('instruments', text, INSTRUMENTS_MAX)),
    obstacles,
  };
}

function numberOf(option: string, text: string, max: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= max) return value;
  throw new UsageError(`--${option} is ${JSON.stringify(text)}: must be a whole number from 1 to ${max}`);
}
