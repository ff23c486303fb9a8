import { parseDecimal } from '../../../../services/shared/domain/decimal.ts';
import type { CanarySpec, CanaryStatus } from '../../../api/v1alpha1/trading-stack/rollout/canary.ts';
import type { Colour, ExecutionStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import type { ObservedPod } from '../observe/observation.ts';
import { colourOf, sendingColour } from '../rollout/colours.ts';
import { newestSender } from '../rollout/swap/sender-role.ts';

export interface CanaryInput {
  /** What was recorded of it. */
  readonly previous: CanaryStatus | undefined;
  /** Undefined while the spec cannot be read, or may not be acted on: then the canary stays as it is. */
  readonly spec: CanarySpec | undefined;
  /** How long the new sender must show no problem: until then it keeps the canary. */
  readonly probationSeconds: number;
  /** Whether the release that is rolled out is on trial: its sender replaces one that worked, and is not proven. */
  readonly isOnTrial: boolean;
  /** Colour that is to send. */
  readonly to: Colour;
  readonly pods: readonly ObservedPod[];
}

/**
 * Adds the canary of the sender, if it has one or is to have one. It is recorded with the transition, before the new
 * sender is activated, so that another operator activates it with the same one.
 *
 * States: Requested -> Active, once the sender reports it; back to Requested when the spec changes it. It is over when
 * the sender has passed its probation, or the spec asks for none: then Lifting, until the sender reports none. A swap
 * back ends it as well: the one before is granted its epoch without a canary. A sender that reports a canary of which
 * nothing is recorded keeps it until one of these is known.
 */
export function withCanary(execution: ExecutionStatus, input: CanaryInput): ExecutionStatus {
  const canary = canaryAfter(execution, input);
  return canary === undefined ? execution : { ...execution, canary };
}

function canaryAfter(execution: ExecutionStatus, input: CanaryInput): CanaryStatus | undefined {
  const { previous, spec, probationSeconds, pods } = input;
  const pod = newestSender(pods);
  if (spec === undefined || (execution.active === 'Unknown' && pod === undefined)) return previous;
  const wanted = wantedCanary(execution, { ...input, spec });
  const reported = pod && reportedBy(pod);
  if (wanted === undefined) return reported && { state: isOver(execution, spec) ? 'Lifting' : 'Active', ...reported };
  const state = reported !== undefined && isSame(wanted, reported) ? 'Active' : 'Requested';
  return { state, ...wanted, ...untilOf(execution, probationSeconds) };
}

type Terms = Omit<CanaryStatus, 'state' | 'until'>;

function wantedCanary(
  execution: ExecutionStatus,
  { previous, spec, isOnTrial, to }: CanaryInput & { readonly spec: CanarySpec },
): Terms | undefined {
  const { transition } = execution;
  const takesOver = transition?.to === to || sendingColour(execution) === to;
  if (!spec.enabled || !isOnTrial || !takesOver) return undefined;
  const first = transition?.epoch ?? execution.epoch;
  return { colour: to, epoch: previous?.colour === to ? previous.epoch : first, ...boundOf(spec) };
}

function boundOf({ maxNotional, symbols }: CanarySpec): Pick<Terms, 'maxNotional' | 'symbols'> {
  return { maxNotional, ...(symbols === undefined ? {} : { symbols }) };
}

function reportedBy(pod: ObservedPod): Terms | undefined {
  const canary = pod.answer.kind === 'Answered' ? pod.answer.statusz.sender?.canary : undefined;
  if (canary === undefined || canary === null) return undefined;
  const { since, ...terms } = canary;
  return { colour: colourOf(pod), epoch: since, ...terms };
}

/** Of a canary that is not wanted, and that the sender still has. */
function isOver({ lastSwap }: ExecutionStatus, { enabled }: CanarySpec): boolean {
  return !enabled || lastSwap?.soak?.state === 'Passed';
}

function untilOf({ lastSwap }: ExecutionStatus, seconds: number): Pick<CanaryStatus, 'until'> {
  const { state, since = '' } = lastSwap?.soak ?? {};
  if (state !== 'Soaking') return {};
  return { until: new Date(Date.parse(since) + seconds * 1_000).toISOString() };
}

function isSame(wanted: Terms, reported: Terms): boolean {
  const textOf = ({ colour, epoch, maxNotional, symbols }: Terms): string =>
    JSON.stringify([colour, epoch, String(parseDecimal(maxNotional)), symbols]);
  return textOf(wanted) === textOf(reported);
}
