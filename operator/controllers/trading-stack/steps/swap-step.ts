import { senderRow } from '../../../../services/shared/contracts/catalogue.ts';
import { APPROVE_SWAP_ANNOTATION } from '../../../api/v1alpha1/labels.ts';
import {
  COLOURS,
  type Colour,
  type ExecutionStatus,
  type PlanStep,
  type PlanWait,
  type TierStatus,
} from '../../../api/v1alpha1/trading-stack/status.ts';
import type { Release } from '../../../releases/render-release.ts';
import type { StackContext } from '../../../resources/stack-context.ts';
import type { ObservedStack } from '../observe/observation.ts';
import { colourFor, sendingColour } from '../rollout/colours.ts';
import { isPassed } from '../rollout/tiers.ts';

export interface SwapInput {
  readonly stack: Pick<ObservedStack, 'annotations'>;
  readonly context: Pick<StackContext, 'spec'> | undefined;
  readonly execution: ExecutionStatus;
  /** Why the process that is to send is not activated although it is ready. */
  readonly held: PlanWait | undefined;
}

/**
 * Returns the swap that a release needs; undefined if its sender runs in the colour that sends, or if no colour has
 * ever been assigned a release, as on the first rollout. `tiers` are those of the release, as far as they are
 * evaluated.
 */
export function swapStep(release: Release, tiers: readonly TierStatus[], input: SwapInput): PlanStep | undefined {
  const swap = neededSwap(release, tiers, input.execution);
  if (swap === undefined) return undefined;
  const { gapMs } = input.execution.lastSwap ?? {};
  return {
    action: 'Swap',
    release: release.hash,
    ...swap,
    ...(gapMs === undefined ? {} : { predictedGapMs: gapMs }),
    waitingFor: [...approvalOf(release, swap, input), ...(input.held === undefined ? [] : [input.held])],
  };
}

type Swap = Pick<PlanStep, 'from'> & { readonly to: Colour };

function neededSwap(release: Release, tiers: readonly TierStatus[], execution: ExecutionStatus): Swap | undefined {
  const service = release.tiers.flatMap(({ services }) => services).find(({ row }) => row.update === 'Fenced');
  if (service === undefined) return undefined;
  const { active, transition } = execution;
  const to = colourFor(execution, service.hash);
  if (active === to) return undefined;
  if (transition?.to === to && transition.from !== undefined && transition.from !== to)
    return { from: transition.from, to };
  const from = COLOURS.find((colour) => colour === active);
  if (from !== undefined) return { from, to };
  // While no process is known to send, the colours alone do not say whether the swap has been made.
  const hasPassed = tiers.some((tier) => tier.name === senderRow().tier && isPassed(tier));
  return hasPassed || to === sendingColour(execution) ? undefined : { to };
}

/** What a person has not approved yet. Once no process sends, the swap is not held back any more. */
function approvalOf({ hash }: Release, { from }: Swap, { stack, context, execution }: SwapInput): readonly PlanWait[] {
  const isAsked = context?.spec.execution.swap.approval === 'Manual';
  const isMade = execution.transition?.from === from && execution.active === 'none';
  if (!isAsked || isMade || stack.annotations[APPROVE_SWAP_ANNOTATION] === hash) return [];
  return [{ what: 'Approval', message: `annotation ${APPROVE_SWAP_ANNOTATION}=${hash}` }];
}
