import type { Problem } from '../../../../services/shared/domain/problem.ts';
import { conditionLine } from '../../../api/v1alpha1/status-text.ts';
import type { ExecutionStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import type { ObservedPod } from '../observe/observation.ts';
import { colourOf } from '../rollout/colours.ts';
import { newestSender, roleOf } from '../rollout/swap/sender-role.ts';

/**
 * Returns why no pod could take over from the one that sends; undefined if one could, if none is wanted, or if no pod
 * is known to send, which other conditions report.
 */
export function missingSpare(
  execution: Pick<ExecutionStatus, 'blue' | 'green'>,
  pods: readonly ObservedPod[],
): Problem | undefined {
  const sender = newestSender(pods);
  if (sender === undefined) return undefined;
  const colour = colourOf(sender);
  if ((execution[colour]?.desired ?? 0) < 2) return undefined;
  const others = pods.filter((pod) => pod.uid !== sender.uid && colourOf(pod) === colour && !pod.finished);
  if (others.some(isSpare)) return undefined;
  const message = conditionLine(`no pod could take over from ${sender.name}: ${whyNot(others)}`);
  return { reason: 'SpareMissing', message };
}

/** Whether a pod could send at once. */
export function isSpare(pod: ObservedPod): boolean {
  const role = roleOf(pod);
  return !pod.deleting && (role === 'armed' || role === 'standby') && pod.answer.lost !== true;
}

function whyNot(others: readonly ObservedPod[]): string {
  const [pod] = others.toSorted((a, b) => Number(a.deleting) - Number(b.deleting));
  if (pod === undefined) return 'there is no other pod';
  if (pod.deleting) return `${pod.name} is terminating`;
  const problem = pod.waiting ?? (pod.answer.kind === 'Silent' ? pod.ended : undefined);
  if (problem !== undefined) return `${pod.name} waits: ${problem.reason}`;
  const role = roleOf(pod);
  return `${pod.name} ${role === undefined || pod.answer.lost === true ? 'does not answer' : `is ${role}`}`;
}
