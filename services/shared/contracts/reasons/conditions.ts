import { NO_ACTION, type ReasonTable } from './reason.ts';

/** Reasons of `status.conditions`. A failing gate contributes its own reason, see the other tables. */
export const CONDITION_REASONS = {
  AllTiersPassed: { meaning: 'Every tier passed its gates.', remedy: NO_ACTION },
  RollingOut: { meaning: 'A tier has not passed its gates yet.', remedy: 'Wait, or follow BLOCKED-BY.' },
  GateFailed: {
    meaning: 'A gate of a tier that had passed fails.',
    remedy: 'Trading continues where it can. Follow BLOCKED-BY.',
  },
  TierDeadlineExceeded: {
    meaning: 'A tier did not pass its gates within rollout.tierDeadlineSeconds.',
    remedy: 'Fix what BLOCKED-BY names. The rollout resumes without further action.',
  },
  SwapFailed: {
    meaning:
      'The new sender failed after the swap, and sends on, because the release cannot be or is not to be rolled back.',
    remedy:
      'BLOCKED-BY says what it shows. Change the spec, or go back: kubectl annotate tradingstack NAME --overwrite tradingstack.dev/rollback-to=RELEASE.',
  },
  SpareMissing: {
    meaning: 'No other pod of the colour that sends is armed: after a crash, orders wait until a process has started.',
    remedy:
      'Trading goes on. The message names the pod and why; wait until it has started, or see "Takeover by the spare".',
  },
  FieldConflict: {
    meaning: 'Another writer changes an object of the stack repeatedly: a controller, a script or an admission policy.',
    remedy: 'The message names the field and its writers. Stop them, or set the field in the spec.',
  },
  RolledBack: {
    meaning: 'The desired release failed, and the last one that worked runs again.',
    remedy:
      'Change the spec. To try the same release once more: kubectl annotate tradingstack NAME --overwrite tradingstack.dev/retry="$(date)".',
  },
  RollbackRequested: {
    meaning: 'A person asked for an earlier release, which runs in place of the desired one.',
    remedy:
      'To roll out what the spec describes, remove the annotation: kubectl annotate tradingstack NAME tradingstack.dev/rollback-to-.',
  },
  RollbackRefused: {
    meaning: 'A person asked for an earlier release that cannot be restored. What runs is left as it is.',
    remedy: 'Set the annotation tradingstack.dev/rollback-to to a release in status.release.history, or remove it.',
  },
  InvalidSpec: {
    meaning: 'The spec breaks a rule of its schema although it was admitted.',
    remedy: 'Correct the field that the message names. The running services are left as they are.',
  },
  NamespaceTaken: {
    meaning: 'The namespace belongs to another TradingStack.',
    remedy: 'Create this stack in a namespace of its own, or delete the other stack first.',
  },
  SenderActive: { meaning: 'Execution holds the fence and is the sender of orders.', remedy: NO_ACTION },
  SenderInactive: { meaning: 'No process may send orders.', remedy: 'See the gate SenderActive.' },
  SenderUnknown: {
    meaning: 'A process of execution that may run does not answer the operator.',
    remedy: 'Read the log of its pod, and check that the NetworkPolicy admits the operator.',
  },
  SenderBlocked: {
    meaning: 'Execution is the sender, and may not send now.',
    remedy: 'The message is its obstacle. See the check "sending" of execution.',
  },
  HaltRequested: {
    meaning: 'A halt is requested, and every process of risk and execution reports it.',
    remedy:
      'To resume, lift it at the source that the message names: see "Stop trading now". Positions stay meanwhile; to sell them, see "Sell every position now".',
  },
  HaltPending: {
    meaning: 'A halt is requested, but a process of risk or execution reports another state: orders may still be sent.',
    remedy: 'Wait a second. If it persists, use a command of "Stop trading without the operator".',
  },
  HaltUnconfirmed: {
    meaning: 'A halt is requested, and a process that may run does not answer: whether it has halted is unknown.',
    remedy: 'Read the log of the pod that the message names, and use "Stop trading without the operator".',
  },
  StateUnknown: {
    meaning: 'A process of risk or execution that may run does not answer: which trading state it obeys is unknown.',
    remedy: 'Read the log of the pod that the message names. To stop, use "Stop trading without the operator".',
  },
  ReducingRequested: {
    meaning: 'The trading state Reducing is requested: only orders that reduce a position are sent.',
    remedy: 'To resume, set the state to Active at its source, see status.trading.',
  },
  FlatteningRequested: {
    meaning: 'The trading state Flattening is requested: positions are being closed, and a halt follows.',
    remedy:
      'The message has the first obstacle. To stop the sale, halt. To trade again, set spec.flatten to false, or the annotation to Active. See "Sell every position now".',
  },
  CommandRefused: {
    meaning: 'A process refused the trading state that the operator sent.',
    remedy:
      'HTTP 401: the control token differs; if it lasts two minutes, delete the pod. HTTP 404: its release is older, roll it out.',
  },
  CommandUnanswered: {
    meaning: 'A process did not answer the trading state that the operator sent.',
    remedy: 'Read the log of the pod, and check that the NetworkPolicy admits the operator.',
  },
  StatusRefused: {
    meaning: 'The CRD refuses the status of this operator: they are of different versions.',
    remedy: 'Install the CRD of the operator. Until then only the sender, the trading state and the halt are shown.',
  },
  NotHalted: { meaning: 'No halt is requested.', remedy: NO_ACTION },
  SuspendRequested: {
    meaning: 'spec.suspend is true: the operator changes no object, and still sends the requested trading state.',
    remedy: 'To resume, set spec.suspend to false.',
  },
  NotSuspended: { meaning: 'spec.suspend is false.', remedy: NO_ACTION },
  Deleting: {
    meaning: 'The stack is being deleted, tiers in reverse order.',
    remedy: 'Wait. If it persists, see "Deletion hangs".',
  },
  AsExpected: { meaning: 'The condition does not apply.', remedy: NO_ACTION },
} as const satisfies ReasonTable;
