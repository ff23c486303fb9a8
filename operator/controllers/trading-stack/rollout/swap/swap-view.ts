import { APPROVE_SWAP_ANNOTATION } from '../../../../api/v1alpha1/labels.ts';
import type {
  Colour,
  ExecutionStatus,
  ReleaseChange,
  TierStatus,
} from '../../../../api/v1alpha1/trading-stack/status.ts';
import type { CanarySpec } from '../../../../api/v1alpha1/trading-stack/rollout/canary.ts';
import type { TradingStackSpec } from '../../../../api/v1alpha1/trading-stack/spec.ts';
import { nextOpening } from '../../../../api/v1alpha1/trading-stack/rollout/window.ts';
import type { Problem } from '../../../../../services/shared/domain/problem.ts';
import type { Release, ServiceRelease } from '../../../../releases/render-release.ts';
import type { ObservedStack } from '../../observe/observation.ts';
import { colourFor, NO_SENDER, otherColour, sendingColour } from '../colours.ts';
import type { SwapView } from '../gates.ts';
import { probationSeconds } from './probation-seconds.ts';
import { whyNotFlat } from './why-not-flat.ts';
import { isReturn } from '../requested-release.ts';
import { isPassed } from '../tiers.ts';

export interface SwapInput {
  readonly stack: Pick<ObservedStack, 'status' | 'annotations'>;
  /** Undefined while it cannot be read: then nothing new starts, and nothing is proven. */
  readonly spec: TradingStackSpec | undefined;
  readonly release: Release;
  /** Why this release is rolled out. */
  readonly cause: ReleaseChange['reason'];
  readonly nowMs: number;
}

/** Longer than this, a request may have expired before the venue reads it. */
const MEDIAN_MS = 2_000;

/**
 * Returns the view of the swap to a release on trial; undefined for any other. A release to which the stack returns,
 * and one that has worked, is not on trial: nothing may hold it up.
 */
export function viewSwap(input: SwapInput): SwapView | undefined {
  const service = serviceOnTrial(input);
  if (service === undefined) return undefined;
  const { stack, spec } = input;
  const { execution = NO_SENDER } = stack.status;
  const to = colourFor(execution, service.hash);
  const isDue = isSwapDue(execution, to);
  // Without another colour this is the first sender: there is none to swap, and none to return to.
  if (!isDue && execution[otherColour(to)] === undefined) return undefined;
  const [hold] = isDue ? swapHolds(input) : [];
  return { held: hold === undefined ? undefined : problemOf(hold, to), probation: probationOf(spec) };
}

function probationOf(spec: SwapInput['spec']): SwapView['probation'] {
  if (spec !== undefined && probationSeconds(spec.execution) === 0) return undefined;
  return { maxMedianMs: spec?.risk.maxVenueLatencyMs ?? MEDIAN_MS };
}

/** The sender in a release on trial, until its tier has passed. */
function serviceOnTrial(input: SwapInput): ServiceRelease | undefined {
  const { stack, release } = input;
  const isSender = ({ row }: ServiceRelease): boolean => row.update === 'Fenced';
  const tier = release.tiers.find(({ services }) => services.some(isSender));
  if (tier === undefined || !isOnTrial(input)) return undefined;
  const isTier = (one: TierStatus): boolean => one.name === tier.name && one.release === tier.hash;
  const hasPassed = stack.status.tiers?.some((one) => isTier(one) && isPassed(one)) ?? false;
  return hasPassed ? undefined : tier.services.find(isSender);
}

function isOnTrial({ stack, release: { hash }, cause }: Pick<SwapInput, 'stack' | 'release' | 'cause'>): boolean {
  const previous = stack.status.release;
  return hash !== previous?.lastGood && !isReturn(hash, previous, cause);
}

/** A process of the colour that sent last may send again at any time: that is no swap. */
function isSwapDue(execution: ExecutionStatus, to: Colour): boolean {
  const { transition } = execution;
  const hasBegun = transition?.to === to && transition.from !== undefined;
  return !hasBegun && to !== sendingColour(execution);
}

/** What a swap waits for before it may start. `opensMs`: UTC milliseconds, infinite if the window never opens. */
export type SwapHold =
  | { readonly what: 'Window'; readonly opensMs: number }
  | { readonly what: 'Approval'; readonly annotation: string }
  | { readonly what: 'Positions'; readonly problem: Problem };

/** Returns what a swap to a release waits for: its window, a person and the sale of positions. Nothing for a return. */
export function swapHolds(input: SwapInput): readonly SwapHold[] {
  if (!isOnTrial(input)) return [];
  const { stack, spec, release, nowMs } = input;
  const window = spec?.rollout.window;
  const opensMs = window === undefined ? undefined : nextOpening(window, nowMs);
  const isApproved = stack.annotations[APPROVE_SWAP_ANNOTATION] === release.hash;
  const asksApproval = !isApproved && spec?.execution.swap.approval === 'Manual';
  return [
    ...(opensMs === undefined ? [] : [{ what: 'Window', opensMs } as const]),
    ...(asksApproval ? [{ what: 'Approval', annotation: `${APPROVE_SWAP_ANNOTATION}=${release.hash}` } as const] : []),
    ...positionHolds(input),
  ];
}

/** Without a sender nothing can be sold, and the next one must take over to work the exits and the stops. */
function positionHolds({ stack, spec, release }: SwapInput): readonly SwapHold[] {
  if (spec?.execution.swap.positionPolicy !== 'Flat' || stack.status.execution?.active === 'none') return [];
  const problem = whyNotFlat(stack.status.execution?.flat, release.hash);
  return problem === undefined ? [] : [{ what: 'Positions', problem }];
}

/** Returns the canary with which a swap to a release begins; undefined for a return, and if the spec asks for none. */
export function swapCanary(input: Pick<SwapInput, 'stack' | 'spec' | 'release' | 'cause'>): CanarySpec | undefined {
  const canary = input.spec?.execution.canary;
  return canary?.enabled === true && isOnTrial(input) ? canary : undefined;
}

/** Names what a swap waits for. */
export function holdText(hold: SwapHold): string {
  if (hold.what === 'Positions') return hold.problem.message;
  return hold.what === 'Window' ? windowText(hold.opensMs) : `the annotation ${hold.annotation}`;
}

export function windowText(opensMs: number): string {
  const opening = Number.isFinite(opensMs) ? `opens at ${new Date(opensMs).toISOString()}` : 'never opens';
  return `the maintenance window, which ${opening}`;
}

const HOLD_REASONS = { Window: 'WindowClosed', Approval: 'ApprovalMissing' } as const;

function problemOf(hold: SwapHold, to: Colour): Problem {
  const reason = hold.what === 'Positions' ? hold.problem.reason : HOLD_REASONS[hold.what];
  return { reason, message: `the swap to ${to} waits for ${holdText(hold)}` };
}
