import type { TradingStackStatus } from '../../api/v1alpha1/trading-stack/status.ts';
import type { ChildObject } from '../../resources/child-object.ts';
import type { ObservedChild } from './observe/observation.ts';
import type { Activate } from './sender/choose-sender.ts';
import type { StackEvent } from './status/stack-events.ts';

/** All that one reconcile writes, in this order. */
export interface Decision {
  /** Done alone: the object changes, and with it the version that everything else is bound to. */
  readonly finalizer: 'Add' | 'Remove' | 'Keep';
  /** Deployments to be without pods. */
  readonly scaleToZero: readonly string[];
  readonly deletions: readonly ObservedChild[];
  readonly objects: readonly ChildObject[];
  /** Undefined leaves it as it is. */
  readonly status: TradingStackStatus | undefined;
  readonly activate: Activate | undefined;
  readonly events: readonly StackEvent[];
  /** Undefined awaits the next change. */
  readonly requeueAfterMs: number | undefined;
}

export const NOTHING: Decision = {
  finalizer: 'Keep',
  scaleToZero: [],
  deletions: [],
  objects: [],
  status: undefined,
  activate: undefined,
  events: [],
  requeueAfterMs: undefined,
};
