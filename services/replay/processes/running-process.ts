/** A process of a service. */
export interface RunningProcess {
  /** Ends it at once: what it has sent may take effect, and it gets no answer. */
  readonly kill: () => void;
}
