import type { RiskStatus } from '../../../../api/v1alpha1/trading-stack/rollout/risk-status.ts';
import type { TradingStackStatus } from '../../../../api/v1alpha1/trading-stack/status.ts';
import { event, type StackEvent } from './stack-event.ts';

/**
 * Returns the events of risk: the activation of a release, and a change of the release that decides. None without a
 * status before: what decides then is not known to have changed, and a CRD without the field never stores one.
 */
export function riskEvents(
  { risk: last }: TradingStackStatus,
  { risk: now }: TradingStackStatus,
): readonly StackEvent[] {
  if (last === undefined || now === undefined) return [];
  return [...activeEvents(last, now), ...activationEvents(last, now)];
}

function activationEvents({ transition: last }: RiskStatus, { transition }: RiskStatus): readonly StackEvent[] {
  if (transition === undefined || transition.epoch === last?.epoch) return [];
  const { from, to, epoch, pod } = transition;
  const after = from === undefined ? '' : `, after release ${from}`;
  const note = `activating release ${to} of risk (${pod}) in epoch ${epoch}${after}`;
  return [event('Normal', 'ReleaseActivationStarted', 'Activate', note)];
}

/** While a process does not answer, which release decides is unknown. It is no change, and gives no event. */
function activeEvents(last: RiskStatus, now: RiskStatus): readonly StackEvent[] {
  const { active, epoch } = now;
  if (active === 'Unknown' || (active === last.active && epoch === last.epoch) || onlyAnswers(last, now)) return [];
  if (active !== 'none')
    return [event('Normal', 'ReleaseActive', 'Activate', `release ${active} of risk decides in epoch ${epoch}`)];
  // A process that starts does not answer yet; before the first activation there is no release to lose.
  if (last.active === 'none' || last.epoch === 0) return [];
  const note = 'no process of risk reports that its release decides: no entry is decided until one does';
  return [event('Warning', 'ReleaseInactive', 'Activate', note)];
}

/** Whether a process answers again in an epoch that is known, and ends no activation with that. */
function onlyAnswers(last: RiskStatus, { active, epoch }: RiskStatus): boolean {
  const isKnown = last.active === 'Unknown' && last.epoch === epoch && last.transition?.epoch !== epoch;
  return isKnown && active !== 'none';
}
