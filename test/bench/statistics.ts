/** Durations of one kind of call, in milliseconds. */
export interface Summary {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly minMs: number;
  readonly maxMs: number;
  readonly samples: number;
}

/** Returns the smallest sample that at least `part` of all samples do not exceed (nearest rank). */
export function percentile(samples: readonly number[], part: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)];
  if (value === undefined) throw new RangeError('no samples');
  return value;
}

export function median(samples: readonly number[]): number {
  return percentile(samples, 0.5);
}

export function summaryOf(samples: readonly number[]): Summary {
  return {
    p50Ms: rounded(median(samples)),
    p99Ms: rounded(percentile(samples, 0.99)),
    minMs: rounded(percentile(samples, 0)),
    maxMs: rounded(percentile(samples, 1)),
    samples: samples.length,
  };
}

/**
 * Returns the ratio of the medians in each round, and the median of these. Both are measured in turn within a round, so
 * that what the machine does meanwhile hits both; comparing rounds with one another would not cancel it.
 */
export function ratioOf(
  ours: readonly (readonly number[])[],
  reference: readonly (readonly number[])[],
): { readonly median: number; readonly rounds: readonly number[] } {
  const rounds = ours.map((samples, round) => rounded(median(samples) / median(reference[round] ?? [])));
  return { median: median(rounds), rounds };
}

function rounded(value: number): number {
  return Number(value.toFixed(3));
}
