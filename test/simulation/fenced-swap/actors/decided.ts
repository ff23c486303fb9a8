import { COLOUR_LABEL } from '../../../../operator/api/v1alpha1/labels.ts';
import { COLOURS, type Colour } from '../../../../operator/api/v1alpha1/trading-stack/status.ts';
import type { SenderCommand } from '../../../../operator/controllers/trading-stack/sender/choose-sender.ts';
import type { ObservedPod } from '../../../../operator/controllers/trading-stack/observe/observation.ts';
import type { SenderState } from '../../../../services/execution/core/role.ts';
import { NOW_MS, podOf, serviceRelease, stackObservation } from '../../../fixtures/stack-observation.ts';
import type { Rules } from '../rules.ts';
import type { Call, Plan, Status, World } from '../world.ts';

const POD = podOf(serviceRelease(stackObservation(), 'execution'));
/** Decisions that were made before: the same input gives the same one. By the rule that makes them. */
const KNOWN = new WeakMap<Rules['decideSender'], Map<string, Plan | undefined>>();

/** Returns what an operator decides on the present status and answers; undefined when there is nothing to do. */
export function decided(world: World, rules: Rules): Plan | undefined {
  const known = KNOWN.get(rules.decideSender) ?? new Map<string, Plan | undefined>();
  KNOWN.set(rules.decideSender, known);
  const key = `${rules.recordsFirst} ${world.wanted} ${textOfStatus(world.status)} ${COLOURS.map((one) => textOfSender(world[one].sender)).join()}`;
  if (!known.has(key)) known.set(key, planOf(world, rules));
  return known.get(key);
}

function planOf({ status, wanted, blue, green }: World, rules: Rules): Plan | undefined {
  const pods = [podIn('blue', blue.sender), podIn('green', green.sender)];
  const terms = { to: wanted, mayTakeOver: true, nowMs: NOW_MS };
  const { execution, ...commands } = rules.decideSender(status, pods, terms);
  // Without a record first, it decides as if it had written already.
  const calls = callsOf(rules.recordsFirst ? commands : rules.decideSender(execution, pods, terms));
  const hasWritten = sameStatus(execution, status) || (calls.length > 0 && !rules.recordsFirst);
  if (hasWritten && calls.length === 0) return undefined;
  return { saw: hasWritten ? undefined : status, status: execution, calls };
}

function callsOf({ drain, activate }: { drain: SenderCommand | undefined; activate: SenderCommand | undefined }) {
  // As the operator applies a decision: nothing is drained unless another one is activated.
  if (activate === undefined) return [];
  return [...(drain === undefined ? [] : [callOf('Drain', drain)]), callOf('Activate', activate)];
}

function callOf(kind: Call['kind'], { uid, epoch }: SenderCommand): Call {
  return { kind, to: uid as Colour, epoch };
}

function podIn(colour: Colour, { role, epoch, fenceEpoch }: SenderState): ObservedPod {
  const { answer } = POD;
  if (answer.kind !== 'Answered') throw new Error('the pod of the fixture answers');
  const statusz = { ...answer.statusz, sender: { role, epoch, fenceEpoch } };
  return { ...POD, name: colour, uid: colour, labels: { [COLOUR_LABEL]: colour }, answer: { ...answer, statusz } };
}

export function sameStatus(one: Status, other: Status): boolean {
  return textOfStatus(one) === textOfStatus(other);
}

export function textOfStatus({ active, epoch, transition }: Status): string {
  return `${active}${epoch}${transition === undefined ? '' : `${transition.from ?? '-'}${transition.to}${transition.epoch}`}`;
}

function textOfSender({ role, epoch, fenceEpoch }: SenderState): string {
  return `${role}${epoch}${fenceEpoch}`;
}
