/** Gates of a rollout, in the order in which they are checked, with what each one checks and where to look first. */
export const GATE_MEANINGS = {
  SecretsPresent: {
    checks: 'Every Secret that a service needs exists, with its keys. Checked before all tiers.',
    firstLook: 'The message names the Secret or the key.',
  },
  Applied: {
    checks: 'The API server accepted every object of the tier.',
    firstLook: 'The message is the refusal of the API server: a quota, a policy, a webhook or missing permissions.',
  },
  JobComplete: { checks: 'The Job has completed.', firstLook: 'The log of the Job. Delete the Job to retry.' },
  DeploymentAvailable: {
    checks: 'The pods of the desired release are available, and no process has just restarted after it ended.',
    firstLook: 'kubectl describe on the pod: image, settings, Secret, quota.',
  },
  PodsReportRelease: {
    checks: 'Each process reports the service hash of the desired release.',
    firstLook:
      'NoAnswer: can the operator reach the pod? OtherRelease: a pod with another service hash has not been replaced yet.',
  },
  Ready: { checks: 'Every check of every process passes.', firstLook: 'The message names the failing check.' },
  FeedFresh: { checks: 'Market data of at least one pair is fresh.', firstLook: 'See "Feed".' },
  SwapAllowed: {
    checks:
      'The sender may be swapped: the maintenance window is open, and where the spec asks for it, a person approved it and every position is sold.',
    firstLook: 'The message says what it waits for. Checked until the tier has passed.',
  },
  SenderActive: {
    checks: 'Exactly one process holds the fence and sends.',
    firstLook: 'The reason says why, see the table "Gates" below; and see "Sender".',
  },
  SenderProven: {
    checks:
      'After a swap, the new sender shows by its own answers that orders, outcomes and balances are as they should be.',
    firstLook:
      'The reason says what it shows; see "A sender failed after the swap". Checked until the tier has passed.',
  },
  Soaked: {
    checks: 'All gates have passed for rollout.soakSeconds, after a swap for execution.swap.postSwitchSoakSeconds.',
    firstLook: 'Wait.',
  },
} as const;

export type GateName = keyof typeof GATE_MEANINGS;
