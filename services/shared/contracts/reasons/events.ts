import { NO_ACTION, type ReasonTable } from './reason.ts';

/**
 * Reasons of events. Some are names of conditions or gates too: an event says that something happened, and the other
 * says that it holds.
 */
export const EVENT_REASONS = {
  TierStarted: { meaning: 'The rollout of a tier started.', remedy: NO_ACTION },
  TierPassed: { meaning: 'A tier passed all its gates.', remedy: NO_ACTION },
  TierDegraded: {
    meaning: 'A gate of a tier that had passed fails.',
    remedy: 'The message names gate, service and reason: look the reason up here. The operator deletes nothing.',
  },
  TierRecovered: { meaning: 'A degraded tier passes its gates again.', remedy: NO_ACTION },
  RolloutStarted: { meaning: 'The rollout of a release started.', remedy: NO_ACTION },
  RollbackStarted: {
    meaning: 'The rollout of an earlier release started, from the last tier to the first.',
    remedy: 'None. The message says whether a person asked for it or the newer release failed.',
  },
  ReleaseFailed: {
    meaning: 'A release missed the deadline of a tier, or its sender failed after the swap, and was given up.',
    remedy: 'The message names tier, gate and service with the cause: look its reason up here. Then change the spec.',
  },
  ReleaseCurrent: { meaning: 'The release runs in all tiers.', remedy: NO_ACTION },
  Stalled: {
    meaning: 'The rollout is blocked by an error or has missed its deadline.',
    remedy: 'The message begins with the reason: look it up here.',
  },
  Blocked: {
    meaning: 'A Secret that a service needs does not exist, and the rollout waits for it.',
    remedy: 'Create the Secret that the message names.',
  },
  ActivationStarted: {
    meaning: 'The operator asks a process of execution to become the sender.',
    remedy: 'None. If SenderActive does not follow, see "Sender".',
  },
  SenderActive: { meaning: 'A process of execution became the sender of orders.', remedy: NO_ACTION },
  RolloutWaits: {
    meaning: 'A release waits for the maintenance window (rollout.window). What runs is left as it is.',
    remedy: 'None. The message says when the window opens.',
  },
  SwapWaits: {
    meaning: 'A swap of the sender is due, and waits for the maintenance window or for a person.',
    remedy: 'The message says for what. See the gate SwapAllowed.',
  },
  SwapStarted: {
    meaning: 'A swap of the sender started: the one before is asked to drain, then the next one is activated.',
    remedy: 'None. If SenderActive does not follow, see "Sender".',
  },
  SenderDrained: {
    meaning: 'The sender before the swap has every outcome and has released the fence.',
    remedy: NO_ACTION,
  },
  SwapSoaking: {
    meaning:
      'The new sender is on probation for execution.swap.postSwitchSoakSeconds, or for the time of its canary if that is longer.',
    remedy: 'None. SwapPassed or SwapFailed follows.',
  },
  SwapSoakRestarted: {
    meaning: 'The new sender showed a problem that proves nothing. The time of its probation starts again.',
    remedy: 'The message begins with the reason: look it up here.',
  },
  CanaryStarted: {
    meaning: 'The new sender reports its canary: it buys no more than the message says, and sells as ever.',
    remedy: 'None. CanaryLifted follows once it has passed its probation.',
  },
  CanaryLifted: {
    meaning: 'The sender reports that its canary is over: only the limits of spec.risk bound its entries.',
    remedy: NO_ACTION,
  },
  SwapPassed: { meaning: 'The new sender has passed its probation.', remedy: NO_ACTION },
  SwapFailed: {
    meaning:
      'The new sender has failed its probation. The one before sends again, unless rollout.autoRollback is false.',
    remedy: 'The message has what it showed. See "A sender failed after the swap".',
  },
  SwapMeasured: {
    meaning: 'Both senders of a swap have sent orders, so the gap between them is known.',
    remedy: NO_ACTION,
  },
  ReleaseActivationStarted: {
    meaning: 'The operator asks a process of risk to make its release the one that decides.',
    remedy: 'None. If ReleaseActive does not follow, see status.risk and the log of risk.',
  },
  ReleaseActive: { meaning: 'A process of risk reports that its release decides.', remedy: NO_ACTION },
  ReleaseInactive: {
    meaning: 'No process of risk reports that its release decides. No entry is decided.',
    remedy: 'Wait: the operator activates the release that it rolls out. If none follows, read the log of risk.',
  },
  SpareTakesOver: {
    meaning:
      'Another pod of the colour that sends takes over, because the sender does not answer, ended or is deleted.',
    remedy: 'Wait for SenderActive. Read the log of the pod that sent before. See "Takeover by the spare".',
  },
  TakeoverMeasured: {
    meaning: 'The pod that took over has sent its first order, so the time without an order is known.',
    remedy: NO_ACTION,
  },
  SendersOverlapped: {
    meaning: 'By the clocks of their nodes, the sender before a swap sent its last order after the first of the next.',
    remedy: 'Compare the clocks of the nodes. If they agree, the fence has failed: halt, and report a bug.',
  },
  SenderLost: {
    meaning: 'The sender is no longer active, and no process sends orders. Orders at the venue stay there.',
    remedy:
      'Wait: the operator activates a process as soon as one is ready. If SenderActive does not follow within a minute, read the log of execution and see "Sender".',
  },
  SenderUnknown: {
    meaning: 'The sender stopped answering the operator. It may still send orders.',
    remedy: 'Read the log of its pod, and check that the NetworkPolicy admits the operator.',
  },
  HaltRequested: {
    meaning: 'A halt was requested. Processes may send orders until the event Halted.',
    remedy: 'If Halted does not follow within seconds, see "Stop trading without the operator".',
  },
  Halted: {
    meaning: 'Every process of risk and execution reports the halt.',
    remedy: 'To resume, lift the halt at its source, see status.trading.',
  },
  HaltLifted: { meaning: 'The requested state is Active again: new orders may be sent.', remedy: NO_ACTION },
  LiftIgnored: {
    meaning: 'A manifest or a deployment tool tried to lift what a person set. The trading state stays as it is.',
    remedy: 'To resume, lift it as the message says. See "Stop trading now".',
  },
  Flattening: {
    meaning: 'The trading state Flattening is requested: every position is sold, and a halt follows.',
    remedy: 'The message names the source. The condition Halted has the number of open positions.',
  },
  Reducing: {
    meaning: 'The trading state Reducing was requested: only orders that reduce a position are sent.',
    remedy: 'To resume, set the state to Active at its source, see status.trading.',
  },
  Suspended: {
    meaning: 'spec.suspend became true: the operator changes no object, and still sends the requested trading state.',
    remedy: 'To resume, set spec.suspend to false.',
  },
  Resumed: { meaning: 'spec.suspend became false: the operator reconciles the stack again.', remedy: NO_ACTION },
  TakingDown: {
    meaning: 'The stack is being deleted, tiers in reverse order.',
    remedy: 'Wait. If it persists, see "Deletion hangs".',
  },
  DriftRepaired: {
    meaning: 'Another writer changed an object of the stack, and the operator restored it.',
    remedy: 'None, if it was a change by hand. What a stack should run with belongs in its spec.',
  },
  FieldConflict: {
    meaning: 'Another writer changed the same object for the third time in a minute.',
    remedy: 'The message names the field and its writers. Stop them, or set the field in the spec.',
  },
  ClaimedByOther: {
    meaning: 'Another installation of the operator manages the stack. This one leaves it alone.',
    remedy: 'Uninstall one of them, or give each its own watchNamespaces. See "Two operators".',
  },
  ClaimTakenOver: {
    meaning: 'This operator manages the stack now: the one that did has not observed it for three minutes.',
    remedy: 'None if the other was to stop. Otherwise see "Two operators".',
  },
  ApplyRefused: {
    meaning: 'The API server refused to write or delete an object of the stack.',
    remedy: 'The message is the API server’s. Remove the cause; the operator retries.',
  },
} as const satisfies ReasonTable;
