import { CATALOGUE } from '../../../../../services/shared/contracts/catalogue.ts';
import type { Problem } from '../../../../../services/shared/domain/problem.ts';
import { conditionLine, steadyMessage } from '../../../../api/v1alpha1/status-text.ts';
import type { ObservedPod } from '../../observe/observation.ts';

/**
 * Returns the checks that pass in part only: a process serves some of its pairs and not others. No gate fails by them,
 * so the tiers go on, and the condition Degraded names them, in the order of the catalogue. `previous` is the message
 * of that condition.
 */
export function partialProblem(pods: readonly ObservedPod[], previous: string | undefined): Problem | undefined {
  const partial = CATALOGUE.flatMap(({ name }) =>
    pods.filter(({ service }) => service === name).flatMap(partialChecks),
  );
  const [first] = partial;
  if (first === undefined) return undefined;
  const message = conditionLine([...new Set(partial.map(({ text }) => text))].join('; '));
  return { reason: first.reason, message: steadyMessage(previous, message) };
}

function partialChecks({ service, answer, deleting }: ObservedPod): readonly { reason: string; text: string }[] {
  if (deleting || answer.kind === 'Silent') return [];
  const { checks } = answer.statusz;
  return checks
    .filter(({ ok, reason }) => ok && reason !== 'Ok')
    .map(({ name, reason, message }) => ({ reason, text: `${service} ${name}: ${message}` }));
}
