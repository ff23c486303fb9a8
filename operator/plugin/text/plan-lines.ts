import type { PlanStep } from '../../api/v1alpha1/trading-stack/status.ts';
import { wrap } from './layout.ts';
import type { Page } from './page.ts';

/** The steps of `status.plan`, numbered, with their objects. */
export function planLines(plan: readonly PlanStep[], page: Page): readonly string[] {
  return plan.flatMap((step, index) => [
    `${String(index + 1).padStart(3)}. ${stepLine(step, page)}`,
    ...(['create', 'change', 'remove'] as const).flatMap((kind) =>
      (step[kind] ?? []).map((object) => `       ${kind.padEnd(7)} ${object}`),
    ),
    ...(step.unlisted === undefined ? [] : [`       and ${step.unlisted} more objects`]),
    ...waitLines(step.waitingFor, page),
  ]);
}

/** What a step waits for, one line each. */
export function waitLines(waits: PlanStep['waitingFor'], { columns, style }: Page): readonly string[] {
  return waits.map(({ what, message }) => {
    const text = `waits for ${what.toLowerCase()}: ${message}`;
    return `       ${style.warn(wrap(text, columns, { indent: 9, first: 7 }))}`;
  });
}

function stepLine(step: PlanStep, { style }: Page): string {
  const { action, release, predictedGapMs, canary } = step;
  const of = release === undefined ? 'of a release that is not known yet' : `of release ${release}`;
  const rest =
    action === 'Swap' ? `; ${gapText(predictedGapMs)}${canaryText(canary)}` : action === 'Teardown' ? '' : ` ${of}`;
  return `${style.bold(stepName(step))}${rest}`;
}

export const ACTIVATE_LINE = 'another release of risk decides';

function stepName({ action, tier, from, to }: PlanStep): string {
  const names: Readonly<Record<PlanStep['action'], string>> = {
    Tier: `tier ${tier ?? 'unknown'}`,
    Activate: ACTIVATE_LINE,
    Swap: swapLine(from, to),
    Prepare: 'objects of no service',
    CleanUp: 'removal of what no service needs',
    Release: 'rollout',
    Teardown: 'teardown, tier by tier from the last',
  };
  return names[action];
}

export function swapLine(from: string | undefined, to: string | undefined): string {
  return `the sender changes from ${from ?? 'none that is known'} to ${to ?? 'unknown'}`;
}

/** The gap to expect, never a number that was not measured. In a quiet market it is the pause between two orders. */
export function gapText(predictedGapMs: number | undefined): string {
  return predictedGapMs === undefined
    ? 'gap unknown, no swap of this stack was measured'
    : `gap of ${predictedGapMs} ms expected: so long the last swap had no order`;
}

/** With what the new sender begins. */
export function canaryText(canary: PlanStep['canary']): string {
  if (canary === undefined) return '';
  return `; canary: buys for at most ${canary.maxNotional} in all, until it has shown no problem for ${canary.durationSeconds} s`;
}

/** The first step in one line, for a summary. */
export function firstStepLine(plan: readonly PlanStep[]): string | undefined {
  const [first] = plan;
  if (first === undefined) return undefined;
  const waits = first.waitingFor.map(({ what, message }) => `${what.toLowerCase()}: ${message}`);
  const more = plan.length === 1 ? '' : `, and ${plan.length - 1} more`;
  return `${stepName(first)}${more}${waits.length === 0 ? '' : `; waits for ${waits.join(', and for ')}`}`;
}
