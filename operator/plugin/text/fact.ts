import type { Style } from './style.ts';

/** One line of the summary of a stack. */
export interface Fact {
  /** Empty for a line that belongs to the one before. */
  readonly label: string;
  readonly text: string;
  readonly paint?: keyof Style | undefined;
}
