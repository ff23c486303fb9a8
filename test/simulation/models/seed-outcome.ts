import type { SeenEvent } from '../seen-events.ts';

/** What is known of a seed after its run. Plain data, so that it can leave the thread of the run. */
export interface SeedOutcome {
  readonly seed: number;
  readonly violations: readonly string[];
  /** Each event that occurred at least once. */
  readonly seen: readonly SeenEvent[];
  readonly digest: string;
}
