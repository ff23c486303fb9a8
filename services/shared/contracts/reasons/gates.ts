import type { ReasonTable } from './reason.ts';

/** Reasons of the rollout gates themselves. A gate may also show the reason of a failing check, process or pod. */
export const GATE_REASONS = {
  SecretMissing: {
    meaning: 'A Secret that a service needs, or a key in it, does not exist.',
    remedy: 'Create it as the message says. The rollout waits until then.',
  },
  SecretPending: { meaning: 'A Secret that the operator creates does not exist yet.', remedy: 'Wait a few seconds.' },
  ApplyRefused: {
    meaning:
      'The API server refused to write or delete an object: a quota, a policy, a webhook or missing permissions.',
    remedy: 'The message is the API server’s. Remove the cause; the operator retries.',
  },
  NotCreated: { meaning: 'The Job or Deployment does not exist yet.', remedy: 'Wait a few seconds.' },
  JobRunning: { meaning: 'The Job has not finished.', remedy: 'Wait, or read the log of its pod.' },
  NotObserved: {
    meaning: 'Kubernetes has not observed the latest change of the Deployment yet.',
    remedy: 'Wait. If it persists, check the controller manager of the cluster.',
  },
  PodsStarting: {
    meaning: 'Pods are being created or are not available yet.',
    remedy: 'Wait. If it persists, run kubectl describe on the pods.',
  },
  OldPods: {
    meaning: 'Pods of an older release still run, because the new ones have not replaced them yet.',
    remedy: 'Wait. If it persists, look at the new pods.',
  },
  PodFailed: { meaning: 'A pod failed, and Kubernetes gave no reason.', remedy: 'Run kubectl describe on the pod.' },
  NoPods: { meaning: 'Fewer pods than desired exist.', remedy: 'Run kubectl describe on the Deployment or Job.' },
  NoAnswer: {
    meaning: 'A pod does not answer the operator on /statusz.',
    remedy: 'Read the log of the pod, and check that the NetworkPolicy admits the operator.',
  },
  OtherRelease: {
    meaning: 'A process reports another service hash than the desired one.',
    remedy: 'Wait for the rollout. If it persists, delete the pod.',
  },
  NotReady: { meaning: 'A process reports that it is not ready.', remedy: 'Read /statusz and the log of the pod.' },
  NoFeed: { meaning: 'A pod reports no market data feed.', remedy: 'Read the log of ws.' },
  SenderWarming: { meaning: 'Execution is starting and has not read the fence.', remedy: 'Wait, or read its checks.' },
  SenderArmed: {
    meaning: 'Execution is ready, and has not been activated.',
    remedy:
      'Wait for the operator. It activates no process of a suspended stack or of one whose spec it cannot read. During a halt, it activates a process once that process reports the halt.',
  },
  SenderActivating: {
    meaning: 'Execution holds the fence, and reconciles with the venue before it sends.',
    remedy: 'Wait. If it persists, the venue or Postgres does not answer: read its checks and log.',
  },
  SenderDraining: {
    meaning: 'Execution takes no order and waits for the outcome of those in flight, to hand over.',
    remedy: 'Wait. The next sender is activated after it, or at execution.swap.drainDeadlineMs.',
  },
  SenderStandby: {
    meaning: 'Execution has handed over, and is kept ready for a rollback.',
    remedy: 'None, if another process sends. See "Sender".',
  },
  SenderFenced: {
    meaning: 'Execution lost the fence to a newer epoch, or is shutting down. It never sends again.',
    remedy: 'Wait: a process that lost the fence ends after five seconds and restarts armed.',
  },
  SenderSilent: { meaning: 'No pod of execution reports a role.', remedy: 'Read the log of execution.' },
  ManySenders: {
    meaning: 'More than one pod reports that it sends.',
    remedy:
      'Wait ten seconds: only one can commit intents. If it persists, scale the operator to 0 first, then the execution Deployment, and report a bug.',
  },
  ActivationRefused: {
    meaning: 'Execution refused the activation.',
    remedy:
      'HTTP 401: the control token differs, delete the pod. "fence": a newer epoch exists; the next activation uses it.',
  },
  ActivationUnanswered: {
    meaning: 'Execution did not answer the activation, or failed during it.',
    remedy: 'Read the log of execution, and check that the NetworkPolicy admits the operator.',
  },
  WindowClosed: {
    meaning: 'A rollout or a swap waits for the maintenance window (rollout.window).',
    remedy: 'Wait for the opening that the message names, or change rollout.window.',
  },
  ApprovalMissing: {
    meaning: 'The swap of the sender waits for a person (execution.swap.approval).',
    remedy: 'Look at the new colour, and set the annotation that the message names.',
  },
  PositionsOpen: {
    meaning: 'The swap of the sender waits until every position is sold (execution.swap.positionPolicy: Flat).',
    remedy:
      'Wait, or see "A swap waits until every position is sold". To swap with the positions, set positionPolicy to Carry.',
  },
  PositionsNotClosed: {
    meaning:
      'Before a swap, not every position was sold within execution.swap.flatDeadlineSeconds. The release has failed.',
    remedy: 'Remove the cause that the message names and retry the release, or set positionPolicy to Carry.',
  },
  EvidenceMissing: {
    meaning: 'A sender on probation shows nothing: it does not send, does not answer, or its release cannot report it.',
    remedy:
      'Wait. For a release that is too old to report it, set execution.swap.postSwitchSoakSeconds to 0, or use the annotation tradingstack.dev/rollback-to.',
  },
  OrdersRejected: {
    meaning: 'The venue accepts less than half of the orders of the new sender, and rejects most of the others.',
    remedy: 'Read the log of execution for the codes of the venue. The sender before sends again.',
  },
  OrdersFailed: {
    meaning: 'Less than half of the orders of the new sender are accepted; most of the others got no usable answer.',
    remedy: 'Check the way to the venue, and whether it is up. The sender before sends again.',
  },
  OutcomesUnknown: {
    meaning: 'An order of the new sender has no outcome yet.',
    remedy: 'Wait: execution asks the venue. The probation starts again once it is known.',
  },
  OutcomesOverdue: {
    meaning: 'An order of the new sender has had no outcome for a minute.',
    remedy: 'See the check "unknowns" of execution. The sender before sends again, and asks for it too.',
  },
  NewDrift: {
    meaning: 'Since the swap, ledger and venue differ in an asset in which they did not before.',
    remedy: 'See the check "ledger" of execution. The sender before sends again.',
  },
  AnswersSlow: {
    meaning: 'The venue answers the new sender slower than risk.maxVenueLatencyMs, or than 2 s where that is not set.',
    remedy: 'Check the way to the venue. The sender before sends again.',
  },
  Soaking: {
    meaning:
      'The gates have not all held for rollout.soakSeconds, or, after a swap, for execution.swap.postSwitchSoakSeconds.',
    remedy: 'Wait. If another gate of the tier fails, see its reason.',
  },
} as const satisfies ReasonTable;
