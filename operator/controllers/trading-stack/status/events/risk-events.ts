import type { RiskStatus } from '../../../../api/v1alpha1/trading-stack/rollout/risk-status.ts';
import type { TradingStackStatus } from '../../../../api/v1alpha1/trading-stack/status.ts';
import { event, type StackEvent } from './stack-event.ts';

const NO_RELEASE: Pick<RiskStatus, 'active' | 'epoch' | 'transition'> = { active: 'none', epoch: 0 };

/** Returns the events of risk: the activation of a release, and a change of the release that decides. */
export function riskEvents(before: TradingStackStatus, after: TradingStackStatus): readonly StackEvent[] {
  const { risk: last = NO_RELEASE } = before;
  const { risk: now = NO_RELEASE } = after;
  return [...activeEvents(last, now), ...activationEvents(last, now)];
}

function activationEvents(
  { transition: last }: Pick<RiskStatus, 'transition'>,
  { transition }: Pick<RiskStatus, 'transition'>,
): readonly StackEvent[] {
  if (transition === undefined || transition.epoch === last?.epoch) return [];
  const { from, to, epoch, pod } = transition;
  const after = from === undefined ? '' : `, after release ${from}`;
  const note = `activating release ${to} of risk (${pod}) in epoch ${epoch}${after}`;
  return [event('Normal', 'ReleaseActivationStarted', 'Activate', note)];
}

/** While a process does not answer, which release decides is unknown. It is no change, and gives no event. */
function activeEvents(
  last: Pick<RiskStatus, 'active' | 'epoch'>,
  now: Pick<RiskStatus, 'active' | 'epoch'>,
): readonly StackEvent[] {
  const { active, epoch } = now;
  if (active === 'Unknown' || (active === last.active && epoch === last.epoch)) return [];
  if (active !== 'none')
    return [event('Normal', 'ReleaseActive', 'Activate', `release ${active} of risk decides in epoch ${epoch}`)];
  // A process that starts does not answer yet; before the first activation there is no release to lose.
  if (last.active === 'none' || last.epoch === 0) return [];
  const note = 'no process of risk reports that its release decides: no entry is decided until one does';
  return [event('Warning', 'ReleaseInactive', 'Activate', note)];
}
