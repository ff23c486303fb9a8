import { parseArgs } from 'node:util';

export interface ChaosRun {
  /** How long faults are injected. */
  readonly minutes: number;
  /** From the start of a fault to the start of the next one. A fault that takes longer delays the next. */
  readonly everySeconds: number;
  readonly seed: number;
  /** Names of the faults to draw from. */
  readonly faults: readonly string[];
  readonly json: boolean;
}

/** What a command line asks for. `error` has a message for people. */
export type ChaosArguments =
  | { readonly kind: 'help' }
  | { readonly kind: 'error'; readonly message: string }
  | { readonly kind: 'run'; readonly run: ChaosRun };

const OPTIONS = {
  minutes: { type: 'string', default: '60' },
  every: { type: 'string', default: '30' },
  seed: { type: 'string', default: '1' },
  fault: { type: 'string', multiple: true, default: [] as string[] },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

const MINUTES_MAX = 7 * 24 * 60;
const SECONDS_MAX = 3_600;
const SEED_MAX = 2 ** 32 - 1;

/**
 * Reads the command line. `known` has the names of all faults, and `usual` those of a run that chooses none. The first
 * words of names stand for all of them.
 */
export function parseChaosArguments(
  args: readonly string[],
  known: readonly string[],
  usual: readonly string[] = known,
): ChaosArguments {
  try {
    const { values } = parseArgs({ args: [...args], options: OPTIONS });
    if (values.help) return { kind: 'help' };
    const run = {
      minutes: numberOf('minutes', values.minutes, { min: 1, max: MINUTES_MAX }),
      everySeconds: numberOf('every', values.every, { min: 1, max: SECONDS_MAX }),
      seed: numberOf('seed', values.seed, { min: 0, max: SEED_MAX }),
      faults: values.fault.length === 0 ? usual : chosenOf(values.fault, known),
      json: values.json,
    };
    return { kind: 'run', run };
  } catch (error) {
    return { kind: 'error', message: error instanceof Error ? error.message : String(error) };
  }
}

/** Returns the chosen faults in the order of `known`, so that the order of options does not change a seeded run. */
function chosenOf(wanted: readonly string[], known: readonly string[]): readonly string[] {
  const isIn = (choice: string, name: string): boolean => name === choice || name.startsWith(`${choice}-`);
  const foreign = wanted.find((choice) => !known.some((name) => isIn(choice, name)));
  if (foreign !== undefined) throw new Error(`no fault ${foreign}; faults: ${known.join(', ')}`);
  return known.filter((name) => wanted.some((choice) => isIn(choice, name)));
}

function numberOf(option: string, text: string, { min, max }: { readonly min: number; readonly max: number }): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value) && value >= min && value <= max) return value;
  throw new Error(`--${option} is ${JSON.stringify(text)}: must be a whole number from ${min} to ${max}`);
}
