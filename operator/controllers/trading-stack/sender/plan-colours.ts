import {
  COLOURS,
  type Colour,
  type ColourStatus,
  type ExecutionStatus,
} from '../../../api/v1alpha1/trading-stack/status.ts';
import type { Release, ServiceRelease } from '../../../releases/render-release.ts';
import type { ChildObject } from '../../../resources/child-object.ts';
import { colouredDeployment } from '../../../resources/deployments/coloured-deployment.ts';
import { colourFor, NO_SENDER, otherColour, sendingColour } from '../rollout/colours.ts';

export interface ColoursInput {
  readonly previous: ExecutionStatus | undefined;
  /** The release that is rolled out. */
  readonly target: Release;
  /** Whether the tier of the sender is being rolled out, or was. */
  readonly opened: boolean;
  readonly releaseOf: (hash: string) => Release | undefined;
  readonly warmMs: number;
  /** Whether the new sender has passed in the release that is rolled out, so that no return to the other is near. */
  readonly isProven: boolean;
  readonly nowMs: number;
}

/** What one colour is to run. */
export interface ColourPlan extends Pick<ColourStatus, 'release' | 'service'> {
  readonly colour: Colour;
  readonly replicas: number;
  /** Undefined if its release cannot be restored: its Deployment is left as it is. */
  readonly rendered: ServiceRelease | undefined;
}

/**
 * Assigns releases to the two colours. The one that sends keeps its release until the other one, which runs the release
 * that is rolled out, has taken over. After that it stays for `warmMs`, and then has no pods until it is needed.
 */
export function planColours(input: ColoursInput): readonly ColourPlan[] {
  const { previous = NO_SENDER, target, opened } = input;
  const service = senderOf(target);
  if (service === undefined) return [];
  const to = colourFor(previous, service.hash);
  const isAssigned = previous[to]?.service === service.hash;
  const plans = COLOURS.map((colour) => {
    if (colour === to && (opened || isAssigned)) return newPlan(colour, target, service);
    return keptPlan(colour, to, input);
  });
  return plans.filter((plan) => plan !== undefined);
}

function newPlan(colour: Colour, target: Release, service: ServiceRelease): ColourPlan {
  return { colour, release: target.hash, service: service.hash, replicas: service.replicas, rendered: service };
}

function keptPlan(colour: Colour, to: Colour, input: ColoursInput): ColourPlan | undefined {
  const { previous = NO_SENDER, releaseOf } = input;
  const assigned = previous[colour];
  if (assigned === undefined) return undefined;
  const { release, service, desired } = assigned;
  const restored = senderOf(releaseOf(release));
  const rendered = restored?.hash === service ? restored : undefined;
  const wanted = Math.max(1, rendered?.replicas ?? desired);
  const replicas = colour === sendingColour(previous) || isKept(colour, to, input) ? wanted : 0;
  return { colour, release, service, replicas, rendered };
}

/** Until the other one is known to send, and for the time of a warm rollback. What has no pods gets none back. */
function isKept(colour: Colour, to: Colour, input: ColoursInput): boolean {
  const { previous = NO_SENDER } = input;
  if (colour === to || previous[colour]?.desired === 0) return false;
  return previous.active !== otherColour(colour) || isWarm(input) || mayReturn(colour, input);
}

/** The one that sent before the swap, until the new one has passed: whatever the time of a warm rollback. */
function mayReturn(colour: Colour, { previous, isProven }: ColoursInput): boolean {
  return !isProven && previous?.lastSwap?.from === colour;
}

function isWarm({ previous, warmMs, nowMs }: ColoursInput): boolean {
  const at = previous?.lastSwap?.at;
  return at !== undefined && nowMs - Date.parse(at) < warmMs;
}

function senderOf(release: Release | undefined): ServiceRelease | undefined {
  return release?.tiers.flatMap(({ services }) => services).find(({ row }) => row.update === 'Fenced');
}

/**
 * Objects of the colours: a Deployment each, and the settings of the one that does not run the release that is rolled
 * out. All other objects of the sender are those of that release.
 */
export function colourObjects(plans: readonly ColourPlan[]): readonly ChildObject[] {
  return plans.flatMap(({ colour, rendered, replicas }) => {
    if (rendered?.deployment === undefined) return [];
    const settings = rendered.objects.filter(({ kind }) => kind === 'ConfigMap');
    return [...settings, colouredDeployment(rendered.deployment, colour, replicas)];
  });
}
