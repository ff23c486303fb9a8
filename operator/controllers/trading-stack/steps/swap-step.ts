import { senderRow } from '../../../../services/shared/contracts/catalogue.ts';
import {
  COLOURS,
  type Colour,
  type ExecutionStatus,
  type PlanStep,
  type PlanWait,
  type ReleaseChange,
  type TierStatus,
} from '../../../api/v1alpha1/trading-stack/status.ts';
import type { Release } from '../../../releases/render-release.ts';
import { statusText } from '../../../api/v1alpha1/status-text.ts';
import type { StackContext } from '../../../resources/stack-context.ts';
import type { ObservedStack } from '../observe/observation.ts';
import { colourFor, sendingColour } from '../rollout/colours.ts';
import { holdText, swapCanary, swapHolds } from '../rollout/swap/swap-view.ts';
import { isPassed } from '../rollout/tiers.ts';

export interface SwapInput {
  readonly stack: Pick<ObservedStack, 'status' | 'annotations'>;
  readonly context: Pick<StackContext, 'spec'> | undefined;
  readonly execution: ExecutionStatus;
  /** Why the release is rolled out. */
  readonly cause: ReleaseChange['reason'];
  readonly nowMs: number;
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
    ...canaryOf(release, input),
    waitingFor: [...holdsOf(release, swap, input), ...(input.held === undefined ? [] : [input.held])],
  };
}

function canaryOf(release: Release, { stack, context, cause }: SwapInput): Pick<PlanStep, 'canary'> {
  const canary = swapCanary({ stack, spec: context?.spec, release, cause });
  if (canary === undefined) return {};
  const { maxNotional, durationSeconds } = canary;
  return { canary: { maxNotional, durationSeconds } };
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

/** What the swap waits for. Once no process sends, it is not held back any more. */
function holdsOf(release: Release, { from }: Swap, input: SwapInput): readonly PlanWait[] {
  const { stack, context, execution, cause, nowMs } = input;
  if (execution.transition?.from === from && execution.active === 'none') return [];
  const holds = swapHolds({ stack, spec: context?.spec, release, cause, nowMs });
  return holds.map((hold) => ({ what: hold.what, message: statusText(holdText(hold)) }));
}
