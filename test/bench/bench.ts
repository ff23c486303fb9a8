import type { ParseArgsOptionsConfig } from 'node:util';

/** Figures of one run, in the form of the JSON line. */
export type BenchResult = Readonly<Record<string, unknown>>;

/** Values of the options of a bench, as the command line gives them. */
export type BenchValues = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;

export interface Bench {
  /** One line for the list of benches. */
  readonly summary: string;
  /** Options besides --json and --help. Default: none. */
  readonly options?: ParseArgsOptionsConfig;
  /** Lines on these options, for the help. */
  readonly help?: readonly string[];
  /** Measures, and reports progress and a table through `output`. Resolves with the figures. */
  readonly run: (output: BenchOutput, values: BenchValues) => Promise<BenchResult>;
}

/** A value of an option that the bench cannot use. Its message is for people. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface BenchOutput {
  /** Progress, for standard error. */
  readonly progress: (text: string) => void;
  /** Figures for people, for standard output. */
  readonly say: (text: string) => void;
}
