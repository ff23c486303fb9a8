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
    checks: 'The pods of the desired release are available.',
    firstLook: 'kubectl describe on the pod: image, settings, Secret, quota.',
  },
  PodsReportRelease: {
    checks: 'Each process reports the service hash of the desired release.',
    firstLook:
      'NoAnswer: can the operator reach the pod? OtherRelease: a pod with another service hash has not been replaced yet.',
  },
  Ready: { checks: 'Every check of every process passes.', firstLook: 'The message names the failing check.' },
  FeedFresh: { checks: 'Market data of at least one pair is fresh.', firstLook: 'See "Feed".' },
  SenderActive: {
    checks: 'Exactly one process holds the fence and sends.',
    firstLook: 'The reason says why, see the table "Gates" below; and see "Sender".',
  },
  Soaked: { checks: 'All gates have passed for rollout.soakSeconds.', firstLook: 'Wait.' },
} as const;

export type GateName = keyof typeof GATE_MEANINGS;
