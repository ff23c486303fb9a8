import { catalogueRow } from '../../../../services/shared/contracts/catalogue.ts';
import type { TradingStackSpec } from '../../../api/v1alpha1/trading-stack/spec.ts';
import type { ExecutionStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import type { Release } from '../../../releases/render-release.ts';
import type { Observation } from '../observe/observation.ts';
import { decideSender, type Activate, type SenderDecision } from './choose-sender.ts';

/** What is known of the desired state when the sender is chosen. */
export interface SenderInput {
  /** Undefined if the spec is invalid or not read. */
  readonly spec: TradingStackSpec | undefined;
  /** Undefined if the release could not be rendered. */
  readonly release: Release | undefined;
  /** Whether the tiers of the release are evaluated in this reconcile. */
  readonly rollsOut: boolean;
}

export interface StackSender {
  readonly execution: ExecutionStatus | undefined;
  readonly activate: Activate | undefined;
}

/**
 * Decides about the sender of a stack. It is managed even while nothing is rolled out, so that a typing error in the
 * spec does not stop trading. The sender of a suspended stack is observed but not touched, except for a halt, which
 * must reach every process that sends.
 */
export function decideStackSender(observation: Observation, input: SenderInput): StackSender {
  const { stack, takenBy, nowMs } = observation;
  const previous = stack.status.execution;
  const pods = observation.pods.filter(({ service }) => catalogueRow(service).update === 'Fenced');
  const untouched = input.spec?.suspend === true && !input.spec.halt;
  if (!input.rollsOut && (takenBy !== undefined || untouched || pods.length === 0))
    return { execution: previous, activate: undefined };
  const sender = decideSender(previous, pods, nowMs);
  if (untouched) return { execution: withoutNewEpoch(previous, sender), activate: undefined };
  return { execution: sender.execution, activate: unlessHalted(sender.activate, observation, input) };
}

/** While suspended, no activation is sent, so no new epoch is recorded either. */
function withoutNewEpoch(previous: ExecutionStatus | undefined, { execution }: SenderDecision): ExecutionStatus {
  const { active, epoch } = execution;
  const transition = previous?.transition;
  return { active, epoch, ...(transition === undefined ? {} : { transition }) };
}

/** During a halt, a process is activated only if it reports the service hash that contains the halt. */
function unlessHalted(
  activate: Activate | undefined,
  { pods }: Observation,
  { spec, release }: SenderInput,
): Activate | undefined {
  if (spec?.halt !== true) return activate;
  const services = release?.tiers.flatMap((tier) => tier.services);
  const haltedHash = services?.find(({ row }) => row.update === 'Fenced')?.hash;
  const { answer } = pods.find(({ uid }) => uid === activate?.uid) ?? {};
  return answer?.kind === 'Answered' && answer.statusz.release === haltedHash ? activate : undefined;
}
