import type { TradingStackStatus } from '../../api/v1alpha1/trading-stack/status.ts';
import type { ChildObject } from '../../resources/child-object.ts';
import type { ObservedChild } from './observe/observation.ts';
import type { DrainRequest } from '../../../services/shared/contracts/control.ts';
import type { ActivationCommand } from './activation/choose-active.ts';
import type { SenderCommand } from './sender/choose-sender.ts';
import type { StackEvent } from './status/events/stack-event.ts';

/** Everything that one reconcile writes, and when the next one runs. `apply` determines the order of the writes. */
export interface Decision {
  /** Written alone, because it changes the version of the object that all other writes are based on. */
  readonly finalizer: 'Add' | 'Remove' | 'Keep';
  /** Names of the Deployments to scale to zero. */
  readonly scaleToZero: readonly string[];
  readonly deletions: readonly ObservedChild[];
  readonly objects: readonly ChildObject[];
  /** Undefined leaves the status unchanged. */
  readonly status: TradingStackStatus | undefined;
  /** Sent before the activation, whatever it answers. */
  readonly drain: (SenderCommand & DrainRequest) | undefined;
  readonly activate: SenderCommand | undefined;
  /** Asks a process of risk to make its release the active one. */
  readonly activateRelease: ActivationCommand | undefined;
  readonly events: readonly StackEvent[];
  /** Undefined waits for the next change. */
  readonly requeueAfterMs: number | undefined;
}

export const NOTHING: Decision = {
  finalizer: 'Keep',
  scaleToZero: [],
  deletions: [],
  objects: [],
  status: undefined,
  drain: undefined,
  activate: undefined,
  activateRelease: undefined,
  events: [],
  requeueAfterMs: undefined,
};
