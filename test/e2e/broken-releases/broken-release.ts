import { TIERS } from '../../../services/shared/contracts/service-row.ts';
import type { Fault } from './faults.ts';

/** A release that cannot work, and how the stack is to report that. */
export interface BrokenRelease {
  readonly name: string;
  /** What is wrong with its image; undefined: there is no such image. */
  readonly fault: Fault | undefined;
  readonly rollout: { readonly tierDeadlineSeconds: number; readonly maxParallelTiers: number };
  /** `status.release.failed.message`, and so the first line of `why`. */
  readonly cause: RegExp;
  /** What `why` says to do. */
  readonly remedy: string;
  /** Whether it has sent orders before it failed. */
  readonly sends: boolean;
}

/** An image that no registry has. */
export const NO_IMAGE = '127.0.0.1:1/nothing:1';

/** As short as a sound tier needs on a loaded machine. Each tier by itself: what is broken stops those after it. */
const BY_DEADLINE = { tierDeadlineSeconds: 25, maxParallelTiers: 1 };
/** All tiers at once, so that the sender is soon on probation, which proves the failure before any deadline. */
const BY_PROOF = { tierDeadlineSeconds: 120, maxParallelTiers: TIERS.length };

const badImage: BrokenRelease = {
  name: 'an image that cannot be pulled',
  fault: undefined,
  rollout: BY_DEADLINE,
  cause: /^foundation\/JobComplete migrations: (ImagePullBackOff|ErrImagePull) - .*127\.0\.0\.1:1\/nothing:1/,
  remedy: 'Push the image, correct spec.release.image, or check the pull secret.',
  sends: false,
};

const crashLoop: BrokenRelease = {
  name: 'a service that ends two seconds after each start',
  fault: 'CrashLoop',
  rollout: BY_DEADLINE,
  cause: /^data\/DeploymentAvailable ws: Error - exit code 1, restarts: \d+(; its last log line: .+)?$/,
  remedy: 'Read the log of the process that ended, while the pod exists: kubectl logs -n',
  sends: false,
};

const silentFeed: BrokenRelease = {
  name: 'a service that is ready, and whose feed is stale',
  fault: 'SilentFeed',
  rollout: BY_DEADLINE,
  cause: /^data\/(Ready|FeedFresh) ws: FeedStale - feed: XRP\/ETH: no depth yet after \d+ ms, limit \d+ ms$/,
  remedy: 'See "Feed". Until then no new orders of the pair are approved.',
  sends: false,
};

const refusedOrders: BrokenRelease = {
  name: 'a sender whose orders the venue refuses, which shows on probation only',
  fault: 'RefusedOrders',
  rollout: BY_PROOF,
  cause:
    /^execution\/SenderProven execution: OrdersRejected - orders acknowledged: \d+, rejected: \d+, without an answer: \d+$/,
  remedy: 'Read the log of execution for the codes of the venue. The sender before sends again.',
  sends: true,
};

const refusedSettings: BrokenRelease = {
  name: 'settings that the new image refuses',
  fault: 'RefusedSettings',
  rollout: BY_DEADLINE,
  cause: /^data\/DeploymentAvailable ws: SettingsInvalid - .*bookLevels.* \(exit code 78, restarts: \d+\)$/,
  remedy: 'Give the operator and spec.release.image the same release',
  sends: false,
};

/** In the order of their times. */
export const ALL_BROKEN = [badImage, refusedSettings, crashLoop, silentFeed, refusedOrders] as const;
