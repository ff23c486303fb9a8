import { parseArgs } from 'node:util';
import { MODEL_NAMES, type ModelName } from '../simulation/models/model-names.ts';

/** Seeds `from` to `from + seeds - 1` of each model, run by `jobs` threads. */
export interface SoakOptions {
  readonly models: readonly ModelName[];
  readonly seeds: number;
  readonly from: number;
  readonly jobs: number;
}

/** What a command line asks for. `error` has a message for people. */
export type SoakArguments =
  | { readonly kind: 'help' }
  | { readonly kind: 'error'; readonly message: string }
  | ({ readonly kind: 'run' } & SoakOptions);

/** Bounds the last seed: the generator of random numbers takes 32 bits, and the model adds to the seed. */
const SEED_MAX = 2 ** 31;

/**
 * Reads `soak [--model NAME] [--seeds N] [--from FIRST] [--jobs J]`. Default: 300 seeds of each model from 24,
 * one job for each core.
 */
export function parseSoakArguments(args: readonly string[], cores: number): SoakArguments {
  const values = valuesOf(args);
  if (typeof values === 'string') return { kind: 'error', message: values };
  if (values.help === true) return { kind: 'help' };
  const models = modelsOf(values.model);
  const seeds = integerOf(values.seeds ?? '300');
  const from = integerOf(values.from ?? '24');
  const jobs = integerOf(values.jobs ?? String(cores));
  if (models.length === 0) return { kind: 'error', message: `--model must be one of ${MODEL_NAMES.join(', ')}` };
  const options = { models, seeds, from, jobs };
  const message = rangeProblem(options);
  return message === undefined ? { kind: 'run', ...options } : { kind: 'error', message };
}

function modelsOf(text: string | undefined): readonly ModelName[] {
  return MODEL_NAMES.filter((name) => text === undefined || name === text);
}

function rangeProblem({ seeds, from, jobs }: SoakOptions): string | undefined {
  if (!(seeds >= 1)) return '--seeds must be an integer of at least 1';
  if (!(from >= 0)) return '--from must be an integer of at least 0';
  if (!(jobs >= 1)) return '--jobs must be an integer of at least 1';
  return from + seeds > SEED_MAX ? `seeds must be less than ${SEED_MAX}` : undefined;
}

function valuesOf(args: readonly string[]) {
  const options = {
    model: { type: 'string' },
    seeds: { type: 'string' },
    from: { type: 'string' },
    jobs: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** NaN, which is in no range, for everything but digits. */
function integerOf(text: string): number {
  return /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
}
