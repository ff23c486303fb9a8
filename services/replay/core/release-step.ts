/** A release of risk became the active one. */
export interface ReleaseStep {
  readonly epoch: number;
  readonly release: string;
  /** Number of order steps, and of exit steps, before it. */
  readonly afterSteps: number;
  readonly afterExitSteps: number;
}
