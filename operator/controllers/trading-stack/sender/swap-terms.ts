import { senderRow } from '../../../../services/shared/contracts/catalogue.ts';
import { APPROVE_SWAP_ANNOTATION } from '../../../api/v1alpha1/labels.ts';
import type { TierStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import type { Release } from '../../../releases/render-release.ts';
import type { StackContext } from '../../../resources/stack-context.ts';
import type { Observation } from '../observe/observation.ts';
import { colourFor, NO_SENDER, sendingColour } from '../rollout/colours.ts';
import { SENDER_ACTIVE, SOAKED } from '../rollout/gates.ts';
import type { SwapTerms } from './choose-sender.ts';

/**
 * Returns which colour is to send, and whether it may take over: its pods pass every gate but the one that it sends,
 * and a person approved the release where the spec asks for it. While the stack is blocked nothing takes over: what
 * runs is then known by its pods only.
 */
export function swapTermsOf(
  { stack }: Pick<Observation, 'stack'>,
  { context }: { readonly context: Pick<StackContext, 'spec'> | undefined },
  {
    target,
    tiers,
  }: { readonly target: { readonly release: Release } | undefined; readonly tiers: readonly TierStatus[] },
): SwapTerms {
  const { execution = NO_SENDER } = stack.status;
  const service = target?.release.tiers.flatMap(({ services }) => services).find(({ row }) => row.update === 'Fenced');
  if (target === undefined || service === undefined || context === undefined)
    return { to: sendingColour(execution), mayTakeOver: false };
  const isApproved =
    context.spec.execution.swap.approval === 'None' ||
    stack.annotations[APPROVE_SWAP_ANNOTATION] === target.release.hash;
  return { to: colourFor(execution, service.hash), mayTakeOver: isApproved && isReady(tiers) };
}

function isReady(tiers: readonly TierStatus[]): boolean {
  const gates = tiers.find(({ name, state }) => name === senderRow().tier && state !== 'Waiting')?.gates ?? [];
  const others = gates.filter(({ name }) => name !== SENDER_ACTIVE && name !== SOAKED.name);
  return others.length > 0 && others.every(({ ok }) => ok);
}
