import { since } from '../view/age.ts';
import type { StackReport } from '../view/stack-report.ts';
import type { Fact } from './fact.ts';

/** Which release of risk decides, and the one that is being activated. None of a status of an older operator. */
export function riskFacts({ status, nowMs }: StackReport): readonly Fact[] {
  const { risk } = status;
  if (risk === undefined) return [];
  const { active, epoch, pod, transition } = risk;
  const started: readonly Fact[] =
    transition === undefined
      ? []
      : [
          {
            label: '',
            text: `${transition.to} is being activated in epoch ${transition.epoch}, on ${transition.pod}, for ${since(transition.startedAt, nowMs)}`,
          },
        ];
  return [{ label: 'decides', ...activeFact(active, `${epoch}${pod === undefined ? '' : `, on ${pod}`}`) }, ...started];
}

function activeFact(active: string, where: string): Omit<Fact, 'label'> {
  switch (active) {
    case 'none':
      return { text: `no release of risk; highest epoch ${where}`, paint: 'warn' };
    case 'Unknown':
      return { text: `unknown which release of risk; highest epoch ${where}`, paint: 'warn' };
    default:
      return { text: `release ${active} of risk in epoch ${where}` };
  }
}
