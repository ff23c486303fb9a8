import { readStatus } from '../../api/v1alpha1/trading-stack/read-status.ts';
import type { SourceStatus } from '../../api/v1alpha1/trading-stack/status.ts';
import { PluginError } from '../call/plugin-error.ts';
import type { Session } from '../session.ts';
import { mustShow, seenProgress, type WrittenSource } from '../view/request-progress.ts';
import { isObserved } from '../view/stack-report.ts';
import type { Cluster } from './cluster.ts';
import { followStatus, type Following, type Seen } from './follow-status.ts';
import type { StoredStack } from './read-stack.ts';
import { replaceRequest, shownOf } from './request-state.ts';

export interface Lifting extends Pick<Following, 'timeoutMs' | 'without'> {
  readonly cluster: Cluster;
  readonly session: Session;
  /** Of the lift. */
  readonly reason: string;
}

/**
 * Lifts what the annotation requests. A lift counts only if this program has set the annotation. If the operator
 * ignores that it shows Active, or has not seen it show the request since a restore, it must show the request first,
 * as docs/runbook.md describes. Rejects with PluginError.
 */
export async function liftAnnotation(
  stack: StoredStack,
  own: SourceStatus | undefined,
  lifting: Lifting,
): Promise<void> {
  const { state, text } = shownOf(stack);
  // Any other value is a change, which the API server records: also Active where there is none.
  const isRepeated = text !== undefined && (state === 'Active' || state === own?.state);
  const isHidden = own?.unshown === true || (isRepeated && mustShow(readStatus(stack.status), 'annotation'));
  const isObservable = isObserved({ status: readStatus(stack.status), nowMs: lifting.session.clock.nowMs() });
  const visible = own !== undefined && isHidden && isObservable ? await show(stack, own, lifting) : stack;
  await replaceRequest(lifting.cluster, visible, { state: 'Active', reason: lifting.reason });
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
  source: WrittenSource,
  { cluster, session, ...given }: Omit<Lifting, 'reason'>,
): Promise<void> {
  const judge = (seen: Seen) => seenProgress(seen, source);
  const { progress } = await followStatus(cluster, { ...given, name, judge }, session);
  if (progress.kind === 'Done') return;
  throw new PluginError('Unavailable', `${progress.line}; the request stays. Repeat the command`);
}
