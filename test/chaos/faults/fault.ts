import type { Cluster } from '../../cluster/cluster.ts';
import type { Kubectl } from '../../e2e/kubectl.ts';
import type { StackPlace } from '../../e2e/place.ts';

/** The stack that trades, and how to reach what it consists of. */
export interface ChaosStack {
  readonly cluster: Cluster;
  readonly kubectl: Kubectl;
  readonly place: StackPlace;
  readonly operatorNamespace: string;
}

export interface StrikeOptions {
  /** How long to keep up a fault that lasts. */
  readonly seconds: number;
  /** Ends a fault that lasts early. */
  readonly stop: AbortSignal;
}

export interface Fault {
  /** A group, a hyphen and the target, such as `kill-risk`. */
  readonly name: string;
  /**
   * Breaks something and undoes it before it returns, also when it is stopped or fails; what Kubernetes repairs by
   * itself, it leaves to Kubernetes. Resolves with violations that only the fault itself can see.
   */
  readonly strike: (stack: ChaosStack, options: StrikeOptions) => Promise<readonly string[]>;
}
