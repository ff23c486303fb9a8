import { UsageError, type BenchValues } from './bench.ts';

/** At least five, so that a median is one; fewer are for trying a bench out. */
const ROUNDS = 7;
const ROUNDS_MAX = 1_000;

/** What a bench with rounds adds to its description. */
export const ROUNDS_OPTION = {
  options: { rounds: { type: 'string' } },
  help: [`--rounds <n>: how often ours and the references are measured in turn (default ${ROUNDS}); 1 for a short run`],
} as const;

/** Returns the number of rounds that the command line asks for. Throws UsageError. */
export function roundsOf({ rounds = String(ROUNDS) }: BenchValues): number {
  const count = Number(rounds);
  if (typeof rounds === 'string' && /^\d+$/.test(rounds) && count >= 1 && count <= ROUNDS_MAX) return count;
  throw new UsageError(`--rounds is a number from 1 to ${ROUNDS_MAX}, not ${String(rounds)}`);
}
