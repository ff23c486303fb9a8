import { senderRow } from '../../../../services/shared/contracts/catalogue.ts';
import type { TierStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import type { Release } from '../../../releases/render-release.ts';
import type { Observation } from '../observe/observation.ts';
import { colourFor, NO_SENDER, sendingColour } from '../rollout/colours.ts';
import { SENDER_ACTIVE, SENDER_PROVEN, SOAKED } from '../rollout/gates.ts';
import type { SwapTerms } from './choose-sender.ts';

/** What a sender can pass only once it sends. */
const AFTER_THE_SWAP: ReadonlySet<string> = new Set([SENDER_ACTIVE, SENDER_PROVEN, SOAKED.name]);

/**
 * Returns which colour is to send, and whether it may take over: its pods pass every gate but those that it can pass
 * only once it sends. While the stack is blocked nothing takes over: what runs is then known by its pods only.
 */
export function swapTermsOf(
  { stack }: Pick<Observation, 'stack'>,
  {
    target,
    tiers,
  }: { readonly target: { readonly release: Release } | undefined; readonly tiers: readonly TierStatus[] },
): SwapTerms {
  const { execution = NO_SENDER } = stack.status;
  const service = target?.release.tiers.flatMap(({ services }) => services).find(({ row }) => row.update === 'Fenced');
  if (target === undefined || service === undefined) return { to: sendingColour(execution), mayTakeOver: false };
  return { to: colourFor(execution, service.hash), mayTakeOver: isReady(tiers) };
}

function isReady(tiers: readonly TierStatus[]): boolean {
  const gates = tiers.find(({ name, state }) => name === senderRow().tier && state !== 'Waiting')?.gates ?? [];
  const others = gates.filter(({ name }) => !AFTER_THE_SWAP.has(name));
  return others.length > 0 && others.every(({ ok }) => ok);
}
