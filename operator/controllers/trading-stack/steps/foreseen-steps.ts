import { ROLLBACK_ANNOTATION } from '../../../api/v1alpha1/labels.ts';
import type { FailedRelease, PlanStep, PlanWait, WaitingRelease } from '../../../api/v1alpha1/trading-stack/status.ts';
import { statusText } from '../../../api/v1alpha1/status-text.ts';
import type { Plan } from '../plan.ts';
import { blockerLine } from '../rollout/blocker.ts';
import { windowText } from '../rollout/swap/swap-view.ts';
import type { ForeseenInput } from './foreseen-input.ts';
import { stepsTo } from './steps-to.ts';

/**
 * Returns the steps that the present spec causes after what is written now: those of the release that is rolled out,
 * and, once there are none left, those of the desired one if it is held back. Empty if the stack is as its spec asks
 * for. Pure, and without ages, so that a stack in which nothing happens keeps the same steps.
 */
export function foreseenSteps(input: ForeseenInput): readonly PlanStep[] {
  const { plan, rollout } = input;
  const { blocker, deleting } = plan;
  if (deleting) return [{ action: 'Teardown', waitingFor: blocker === undefined ? [] : [blockedBy(blocker.message)] }];
  if (blocker !== undefined)
    return [{ action: 'Release', waitingFor: [blockedBy(blockerLine(blocker)), ...suspension(plan)] }];
  if (rollout.target === undefined) return [{ action: 'Release', waitingFor: suspension(plan) }];
  const holds = [...suspension(plan), ...whyNotDesired(input)];
  const inHand = plan.suspended ? [] : stepsTo(rollout.target.release, rollout.tiers, input);
  if (holds.length === 0) return inHand;
  if (inHand.length === 0) return heldSteps(holds, input);
  return [...inHand, { action: 'Release', release: plan.release.hash, waitingFor: holds }];
}

/** Steps to the desired release, none of which starts before it is no longer held back. */
function heldSteps(holds: PlanWait[], input: ForeseenInput): readonly PlanStep[] {
  const { plan, rollout } = input;
  const { hash } = plan.release;
  const isTarget = rollout.target?.release.hash === hash;
  const [first, ...rest] = stepsTo(plan.release, isTarget ? rollout.tiers : [], input);
  if (first !== undefined) return [{ ...first, waitingFor: [...holds, ...first.waitingFor] }, ...rest];
  return isTarget ? [] : [{ action: 'Release', release: hash, waitingFor: holds }];
}

function blockedBy(message: string): PlanWait {
  return { what: 'Blocker', message: statusText(message) };
}

function suspension({ suspended }: Plan): PlanWait[] {
  return suspended ? [{ what: 'Suspension', message: 'spec.suspend' }] : [];
}

/** Why another release than the desired one is rolled out or kept. */
function whyNotDesired({ observation, plan, rollout, releases }: ForeseenInput): PlanWait[] {
  const { annotations } = observation.stack;
  const { failed, refused, reason, release } = rollout.target ?? {};
  if (release?.hash === plan.release.hash) return [];
  if (refused !== undefined) return [{ what: 'Stalled', message: statusText(`rollback refused: ${refused}`) }];
  if (reason === 'RollbackRequested')
    return [
      {
        what: 'Annotation',
        message: statusText(`annotation ${ROLLBACK_ANNOTATION}=${annotations[ROLLBACK_ANNOTATION]}`),
      },
    ];
  if (releases?.waiting !== undefined) return [windowWait(releases.waiting)];
  return failed?.release === plan.release.hash ? [failureOf(failed)] : swapInHand(plan);
}

function failureOf({ release, message }: FailedRelease): PlanWait {
  return { what: 'Stalled', message: statusText(`release ${release} failed: ${message}`) };
}

function swapInHand({ suspended }: Plan): PlanWait[] {
  return suspended ? [] : [{ what: 'Swap', message: 'the swap of the sender in hand' }];
}

function windowWait({ opensAt }: WaitingRelease): PlanWait {
  return { what: 'Window', message: windowText(opensAt === undefined ? Infinity : Date.parse(opensAt)) };
}
