import { readStatus } from '../../../api/v1alpha1/trading-stack/read-status.ts';
import type { SourceStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import { PluginError } from '../../call/plugin-error.ts';
import type { Session } from '../../session.ts';
import { seenProgress } from '../../view/request-progress.ts';
import { isObserved } from '../../view/stack-report.ts';
import type { Cluster } from '../cluster.ts';
import { followStatus, type Following, type Seen } from '../follow-status.ts';
import type { StoredStack } from '../read-stack.ts';
import { replaceRequest, shownOf } from './request-state.ts';

/** Said of a lift that must be shown first, without an operator that could see it. */
export const UNHEARD =
  'No operator observes the stack, and one that returns does not obey this before it has seen what is lifted: ' +
  'repeat the command then.';

export interface Lifting extends Pick<Following, 'timeoutMs' | 'without'> {
  readonly cluster: Cluster;
  readonly session: Session;
  /** Of the lift. */
  readonly reason: string;
}

/**
 * Lifts what the annotation requests. A request that only the processes have, because the resource was restored to
 * before it, must be shown first, as docs/runbook.md describes. Returns whether an operator obeys the lift: without one
 * it cannot be shown. Rejects with PluginError.
 */
export async function liftAnnotation(
  stack: StoredStack,
  own: SourceStatus | undefined,
  lifting: Lifting,
): Promise<boolean> {
  const { cluster, session, reason } = lifting;
  const isUnshown = own?.unshown === true;
  const isObservable = isObserved({ status: readStatus(stack.status), nowMs: session.clock.nowMs() });
  const visible = isUnshown && isObservable ? await show(stack, own, lifting) : stack;
  await replaceRequest(cluster, visible, { state: 'Active', reason });
  return !isUnshown || isObservable;
}

async function show(stack: StoredStack, { state, reason }: SourceStatus, lifting: Lifting): Promise<StoredStack> {
  const { cluster, session } = lifting;
  const isShown = shownOf(stack).state === state;
  const first = isShown
    ? `The operator must see first that the annotation shows ${state}`
    : `The annotation does not show ${state}, so it is set to it first`;
  session.terminal.note(`${first}; no halt is lifted by that.`);
  const shown = isShown ? stack : await replaceRequest(cluster, stack, { state, reason });
  await untilSeen(stack, 'annotation', lifting);
  return shown;
}

/** Waits until the operator has seen that the resource shows a request. Rejects with PluginError. */
export async function untilSeen(
  { metadata: { name } }: StoredStack,
  source: SourceStatus['source'],
  { cluster, session, ...given }: Omit<Lifting, 'reason'>,
): Promise<void> {
  const judge = (seen: Seen) => seenProgress(seen, source);
  const { progress } = await followStatus(cluster, { ...given, name, judge }, session);
  if (progress.kind === 'Done') return;
  throw new PluginError('Unavailable', `${progress.line}; the request stays. Repeat the command`);
}
