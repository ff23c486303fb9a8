import type { Problem } from './problem.ts';

/** What is wrong with one pair of the venue. */
export interface PairProblem extends Problem {
  /** Canonical, `XRP/ETH`. */
  readonly symbol: string;
}

/** Result of a check that covers several pairs. `reason` is `Ok`, or the reason of the first pair with a problem. */
export interface PairsResult extends Problem {
  readonly ok: boolean;
}

/**
 * Folds the problems of single pairs into one check of `pairs` pairs. It fails when every pair has a problem. While at
 * least one pair has none it passes, with the reason of the first problem: the process serves the others, and the stack
 * is degraded. The message names each pair with its problem.
 */
export function foldPairProblems(pairs: number, problems: readonly PairProblem[]): PairsResult {
  const [first] = problems;
  if (first === undefined) return { ok: true, reason: 'Ok', message: '' };
  return { ok: problems.length < pairs, reason: first.reason, message: pairProblemsText(problems) };
}

/** Returns `XRP/ETH: message; ADA/ETH: message`. */
export function pairProblemsText(problems: readonly PairProblem[]): string {
  return problems.map(({ symbol, message }) => `${symbol}: ${message}`).join('; ');
}
