import { breakout, cross } from '../../fixtures/sample-stack.ts';
import { createKubectl } from '../kubectl.ts';
import { deleteNamespace, startOwnStack } from '../own-stack.ts';
import type { E2eEnvironment } from '../place.ts';
import { tradingGoesOn } from '../trading.ts';
import { buildBrokenImage } from './broken-image.ts';
import { NO_IMAGE, type BrokenRelease } from './broken-release.ts';
import { rollsBack, type RolledBack } from './roll-back.ts';

const NAMESPACE = 'tradingstack-e2e-broken-releases';

const change = {
  venue: { tape: { speed: 600 } },
  strategies: [
    // Changes its mind at nearly every bar: a new sender must have sent three orders before its probation is over.
    cross({ name: 'brisk', parameters: { barSeconds: 1, fastBars: 1, slowBars: 2 }, orderNotional: '0.05' }),
    breakout(),
  ],
  risk: { maxFeedAgeMs: 5_000, entryValidMs: 5_000, orderDeadlineMs: 10_000 },
  rollout: { soakSeconds: 1, tierDeadlineSeconds: 240 },
  execution: { swap: { postSwitchSoakSeconds: 30 } },
};

/** A stack of its own that trades, for releases that cannot work. */
export interface TrialStack {
  /** See `rollsBack`. One at a time. */
  tryRelease(release: BrokenRelease): Promise<RolledBack>;
}

/** Builds the images of the releases, and starts the stack. */
export async function startTrialStack(
  { cluster, image, kubectlOptions }: E2eEnvironment,
  releases: readonly BrokenRelease[],
): Promise<TrialStack> {
  const images = new Map<string, string>();
  for (const { fault } of releases)
    if (fault !== undefined) images.set(fault, await buildBrokenImage(cluster, image, fault));
  const stack = await startOwnStack({ cluster, image, namespace: NAMESPACE, change });
  await tradingGoesOn(stack.kubectl, stack.place);
  return {
    tryRelease: async (release) => {
      const broken = images.get(release.fault ?? '') ?? NO_IMAGE;
      return await rollsBack(release, { stack, kubectlOptions, sound: image, broken });
    },
  };
}

/** Deletes the stack, or what there is of it. */
export async function endTrialStack({ kubectlOptions }: E2eEnvironment): Promise<void> {
  await deleteNamespace(createKubectl(kubectlOptions), NAMESPACE);
}
