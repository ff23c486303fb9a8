import { senderRow } from '../../../../services/shared/contracts/catalogue.ts';
import type { Colour, GateStatus, TierStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import type { Release } from '../../../releases/render-release.ts';
import type { Observation } from '../observe/observation.ts';
import { colourFor, NO_SENDER, sendingColour } from '../rollout/colours.ts';
import { SENDER_ACTIVE, SENDER_PROVEN, SOAKED, SWAP_ALLOWED } from '../rollout/gates.ts';

export interface SwapTerms {
  /** Colour that is to send: that of the release that is rolled out. */
  readonly to: Colour;
  /** Whether the pods of `to` pass their gates, and a person approved where the spec asks for it. */
  readonly mayTakeOver: boolean;
}

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
  const others = gatesBefore(tiers);
  return others.length > 0 && others.every(({ ok }) => ok);
}

/** Whether the new sender passes its own gates, so that a swap waits at most for its leave to start. */
export function isReadyToSwap(tiers: readonly TierStatus[]): boolean {
  const others = gatesBefore(tiers).filter(({ name }) => name !== SWAP_ALLOWED);
  return others.length > 0 && others.every(({ ok }) => ok);
}

function gatesBefore(tiers: readonly TierStatus[]): readonly GateStatus[] {
  const gates = tiers.find(({ name, state }) => name === senderRow().tier && state !== 'Waiting')?.gates ?? [];
  return gates.filter(({ name }) => !AFTER_THE_SWAP.has(name));
}
