import { UsageError, type BenchValues } from '../bench.ts';
import type { Start } from './swap-sample.ts';

/** Where the operator swaps the sender: among processes of this machine, or among the pods of a cluster. */
export const PLACES = ['processes', 'cluster'] as const;
export type Place = (typeof PLACES)[number];

export interface SwapRequest {
  readonly places: readonly Place[];
  /** Names of the peers. They run on a cluster. */
  readonly peers: readonly string[];
  readonly swaps: number;
  readonly peerSwaps: number;
  readonly pauseMs: number;
  readonly keepOperator: boolean;
}

/** Every so many swaps by the operator, the version that is to send has no process. */
export const COLD_EVERY = 5;

const SWAPS_MAX = 1_000;
/** After shorter ones a sender waits until the venue accepts its queries, see `swap-bench.ts`. */
const PAUSE_SECONDS = '16';
const PAUSE_SECONDS_MAX = 600;
const NONE = 'none';

/** Reads the options of the command line. Throws UsageError with the option and what it may be. */
export function swapRequestOf(values: BenchValues, known: readonly string[]): SwapRequest {
  const { swaps = '50', pause = PAUSE_SECONDS } = values;
  return {
    places: namesOf(values, 'on', PLACES) as readonly Place[],
    peers: namesOf(values, 'peer', known),
    swaps: numberOf('swaps', String(swaps), SWAPS_MAX),
    peerSwaps: numberOf('peer-swaps', String(values['peer-swaps'] ?? swaps), SWAPS_MAX),
    pauseMs: numberOf('pause', String(pause), PAUSE_SECONDS_MAX) * 1_000,
    keepOperator: values['keep-operator'] === true,
  };
}

/** Returns the names that an option repeats; all of them without it, and none for `none`. */
function namesOf(values: BenchValues, option: string, known: readonly string[]): readonly string[] {
  const given = values[option];
  if (!Array.isArray(given)) return known;
  const names = given.map(String);
  const foreign = names.find((name) => name !== NONE && !known.includes(name));
  if (foreign !== undefined) throw new UsageError(`--${option} is ${foreign}; may be ${[...known, NONE].join(', ')}`);
  return known.filter((name) => names.includes(name));
}

/**
 * Returns how the version that is to send starts at each swap. The first one is cold by nature. The others are warm
 * where the old version keeps a process, except every `coldEvery`-th.
 */
export function startsOf(swaps: number, coldEvery: number): readonly Start[] {
  return Array.from({ length: swaps }, (_, index) => (index % coldEvery === 0 ? 'cold' : 'warm'));
}

function numberOf(option: string, text: string, max: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= max) return value;
  throw new UsageError(`--${option} is ${JSON.stringify(text)}: must be a whole number from 1 to ${max}`);
}
