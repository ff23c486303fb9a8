/**
 * Tokens of one bucket that were taken at one time. A token returns one window after it was taken. So in no window more
 * than the limit are taken, and over any time at most limit x (time / window + 1): rate x time + burst.
 */
export interface Taken {
  /** Milliseconds of the clock of the budget. */
  readonly atMs: number;
  readonly tokens: number;
}

export const BUCKETS = ['orders', 'queries'] as const;
export type Bucket = (typeof BUCKETS)[number];

/** The request budget of an account. */
export interface TokenBudget extends Readonly<Record<Bucket, readonly Taken[]>> {
  /** Until when the venue accepts no request, except cancellations. */
  readonly limitedUntilMs: number;
  /** Until when none at all is sent: the venue banned the account, or answered a cancellation with a limit. */
  readonly bannedUntilMs: number;
  /** When it was last asked for. */
  readonly askedMs: number;
}

export interface BudgetRequest {
  readonly bucket: Bucket;
  /** 0 takes none, and only reports pauses. */
  readonly tokens: number;
  /** How many tokens of the bucket may be taken afterwards. */
  readonly limit: number;
  readonly windowMs: number;
  /** Tokens that are taken within the same grain return together. Keeps the budget small. */
  readonly grainMs: number;
  /** A cancellation: only a pause that stops all stops it. */
  readonly passesLimit: boolean;
  /** Pauses that the caller knows of, from `sentMs`. */
  readonly limitedForMs: number;
  readonly bannedForMs: number;
  /** When it was sent, by the clock of the budget. Default: now. A Redis that hung runs it late. */
  readonly sentMs?: number;
}

export interface BudgetAnswer {
  readonly granted: boolean;
  /** When the tokens are free, if nobody else takes them; 0 if granted. From now. */
  readonly waitMs: number;
  readonly limitedForMs: number;
  readonly bannedForMs: number;
  /** When it was answered, by the clock of the budget. */
  readonly atMs: number;
}

export const FULL_BUDGET: TokenBudget = { orders: [], queries: [], limitedUntilMs: 0, bannedUntilMs: 0, askedMs: 0 };

/**
 * Takes the tokens if they are free and no pause forbids it, and merges the pauses that the caller knows of. The script
 * take-tokens.lua does the same in Redis.
 */
export function takeTokens(
  budget: TokenBudget,
  request: BudgetRequest,
  nowMs: number,
): { readonly budget: TokenBudget; readonly answer: BudgetAnswer } {
  const { bucket, tokens, limit, windowMs, grainMs, passesLimit, limitedForMs, bannedForMs, sentMs = nowMs } = request;
  // A clock that was set back begins no pause again that had passed when it was last asked.
  const backMs = Math.max(0, budget.askedMs - nowMs);
  const asOfMs = Math.min(sentMs, nowMs);
  const limitedUntilMs = later(budget.limitedUntilMs - backMs, limitedForMs, asOfMs);
  const bannedUntilMs = later(budget.bannedUntilMs - backMs, bannedForMs, asOfMs);
  const taken = takenWithin(budget[bucket], windowMs, nowMs);
  const pausedForMs = Math.max(0, (passesLimit ? bannedUntilMs : limitedUntilMs) - nowMs);
  const waitMs = Math.max(pausedForMs, waitOf(taken, { tokens, limit, windowMs }, nowMs));
  const granted = tokens > 0 && waitMs === 0;
  return {
    budget: {
      ...budget,
      [bucket]: granted ? added(taken, { atMs: nowMs, tokens }, grainMs) : taken,
      limitedUntilMs,
      bannedUntilMs,
      askedMs: nowMs,
    },
    answer: {
      granted,
      waitMs,
      limitedForMs: Math.max(0, limitedUntilMs - nowMs),
      bannedForMs: Math.max(0, bannedUntilMs - nowMs),
      atMs: nowMs,
    },
  };
}

function later(untilMs: number, forMs: number, nowMs: number): number {
  return forMs > 0 ? Math.max(untilMs, nowMs + forMs) : untilMs;
}

/** A clock that was set back must not hold tokens for longer than a window. */
function takenWithin(taken: readonly Taken[], windowMs: number, nowMs: number): readonly Taken[] {
  return taken
    .map(({ atMs, tokens }) => ({ atMs: Math.min(atMs, nowMs), tokens }))
    .filter(({ atMs }) => nowMs - atMs < windowMs);
}

function waitOf(
  taken: readonly Taken[],
  { tokens, limit, windowMs }: Pick<BudgetRequest, 'tokens' | 'limit' | 'windowMs'>,
  nowMs: number,
): number {
  let used = taken.reduce((sum, one) => sum + one.tokens, 0);
  if (used + tokens <= limit) return 0;
  for (const { atMs, tokens: returning } of taken) {
    used -= returning;
    if (used + tokens <= limit) return atMs + windowMs - nowMs;
  }
  // More than the limit at once: never free.
  return windowMs;
}

function added(taken: readonly Taken[], next: Taken, grainMs: number): readonly Taken[] {
  const last = taken.at(-1);
  if (last === undefined || Math.floor(last.atMs / grainMs) !== Math.floor(next.atMs / grainMs))
    return [...taken, next];
  return [...taken.slice(0, -1), { atMs: next.atMs, tokens: last.tokens + next.tokens }];
}
