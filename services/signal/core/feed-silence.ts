import type { CHECK_REASONS } from '../../shared/contracts/reasons/checks.ts';
import { foldPairProblems, type PairProblem, type PairsResult } from '../../shared/domain/pair-problems.ts';

/** A pair without a sign of life for this long, or for three bars if that is longer, is silent. */
const SILENCE_MS = 15 * 60_000;

/** The longest bars of a symbol. */
export interface WatchedPair {
  readonly symbol: string;
  readonly barSeconds: number;
}

/**
 * Tracks the last sign of life of each pair, on the monotonic clock. A trade is one. So is a new order book: ws repeats
 * the book of a quiet market while the venue confirms it, so a pair that nobody trades is not a silent feed.
 */
export interface FeedSilence {
  onTrade(symbol: string, nowMs: number): void;
  /** Takes the newest entry IDs of the book streams by symbol, `0-0` for an empty stream. */
  onBookIds(ids: ReadonlyMap<string, string>, nowMs: number): void;
  /** Fails when every pair is silent; degraded while some are. */
  check(nowMs: number): PairsResult;
}

export function createFeedSilence(pairs: readonly WatchedPair[], startedMs: number): FeedSilence {
  const lastMs = new Map<string, number>();
  const bookIds = new Map<string, string>();
  const limits = new Map<string, number>();
  for (const { symbol, barSeconds } of pairs) {
    limits.set(symbol, Math.max(limits.get(symbol) ?? SILENCE_MS, 3_000 * barSeconds));
  }
  const problemOf = (symbol: string, silentMs: number): PairProblem & { reason: keyof typeof CHECK_REASONS } => {
    const message = `no trade and no order book for ${Math.floor(silentMs / 60_000)} minutes`;
    return { symbol, reason: 'FeedSilent', message };
  };
  return {
    onTrade: (symbol, nowMs) => {
      lastMs.set(symbol, nowMs);
    },
    onBookIds: (ids, nowMs) => {
      for (const [symbol, id] of ids) {
        const before = bookIds.get(symbol);
        bookIds.set(symbol, id);
        // The first look shows no movement.
        if (before !== undefined && before !== id) lastMs.set(symbol, nowMs);
      }
    },
    check: (nowMs) => {
      const problems = [...limits].flatMap(([symbol, limitMs]) => {
        const silentMs = nowMs - (lastMs.get(symbol) ?? startedMs);
        return silentMs > limitMs ? [problemOf(symbol, silentMs)] : [];
      });
      return foldPairProblems(limits.size, problems);
    },
  };
}
