import { readStatus } from '../../../api/v1alpha1/trading-stack/read-status.ts';
import { readSwitches } from '../../../api/v1alpha1/trading-stack/switches.ts';
import { EXIT, type ExitCode } from '../../call/exit-code.ts';
import { isGiven, type Call } from '../../call/command.ts';
import { followStatus } from '../../cluster/follow-status.ts';
import { liftAnnotation, untilSeen } from '../../cluster/lift-annotation.ts';
import { readStack, type StoredStack } from '../../cluster/read-stack.ts';
import { flattenOwners, requestFlatten, withdrawFlatten } from '../../cluster/request-flatten.ts';
import { annotationOwners, replaceRequest, shownOf } from '../../cluster/request-state.ts';
import type { Session } from '../../session.ts';
import { annotatedSale } from '../../view/annotated-sale.ts';
import { mustShow, recordedRequest, withdrawalProgress } from '../../view/request-progress.ts';
import { isObserved } from '../../view/stack-report.ts';
import { restrictionLines, restrictionsOf, stopWithoutOperator } from '../../view/restrictions.ts';
import { sellsAgain, unrecordedText } from '../../view/sale-tools.ts';
import { signedReason, type Requesting } from '../halt.ts';

/** Withdraws what the field and the annotation request of a sale, whoever requested it. No other source changes. */
export async function cancelSale(call: Call, session: Session, requesting: Requesting): Promise<ExitCode> {
  const stack = await readStack(requesting.cluster, call.argument);
  const isWritten = await withdraw(stack, session, requesting);
  if (isWritten && isGiven(call, 'no-wait')) return EXIT.ok;
  return await confirm(stack.metadata.name, isWritten, { ...requesting, session });
}

/** Returns whether a sale was requested, and its end therefore is now. */
async function withdraw(stack: StoredStack, session: Session, requesting: Requesting): Promise<boolean> {
  const { terminal } = session;
  const { cluster, given } = requesting;
  const line = `Requested: ${stack.metadata.name} in namespace ${cluster.namespace} is to end the sale.`;
  const isField = await withdrawField(stack, session, requesting);
  // At once: the annotation may fail.
  if (isField) terminal.out(line);
  const isAnnotation = await withdrawAnnotation(stack, session, requesting);
  if (!isField && !isAnnotation) return false;
  if (!isField) terminal.out(line);
  if (!isAnnotation && given.reason !== undefined)
    terminal.note('--reason is not recorded: the reason of spec.flatten goes with the sale.');
  return true;
}

async function confirm(
  name: string,
  isWritten: boolean,
  { cluster, given: { timeoutMs }, session }: Requesting & { readonly session: Session },
): Promise<ExitCode> {
  const { terminal } = session;
  const following = { name, timeoutMs, judge: withdrawalProgress, ...(isWritten && { without: stopWithoutOperator }) };
  const { progress, seen } = await followStatus(cluster, following, session);
  if (progress.kind === 'Waiting' || seen === undefined) {
    terminal.note(
      terminal.style.bad(`Not confirmed within ${timeoutMs / 1_000} s: ${progress.line}.`) +
        `\n${isWritten ? 'What was requested stays. ' : ''}Repeat the command to wait longer, and see "Sell every position now" in ` +
        'docs/runbook.md.',
    );
    return EXIT.notAsWanted;
  }
  const line = `${foundText(isWritten, progress.kind)} ${progress.line}`;
  terminal.out([line, ...restrictionLines(restrictionsOf(seen))].join('\n'));
  return progress.kind === 'Done' ? EXIT.ok : EXIT.notAsWanted;
}

/** What this command did, in front of what the status shows after it. */
function foundText(isWritten: boolean, kind: 'Done' | 'Blocked'): string {
  if (kind === 'Done') return isWritten ? 'The sale is withdrawn.' : 'No sale is requested.';
  return `Neither spec.flatten nor the annotation requests a sale${isWritten ? ' any more' : ''}.`;
}

/**
 * Returns whether the field was written. One that shows false, which the operator ignores, must show the request once
 * more: the API server records only changes.
 */
async function withdrawField(stack: StoredStack, session: Session, requesting: Requesting): Promise<boolean> {
  const { cluster } = requesting;
  const { name } = stack.metadata;
  const recorded = recordedSale(stack);
  const isShown = readSwitches(stack.spec).flatten !== 'Active';
  if (recorded === undefined && !isShown) return false;
  const seen = { status: readStatus(stack.status), nowMs: session.clock.nowMs() };
  if (recorded !== undefined && isObserved(seen) && mustShow(seen.status, 'spec-flatten')) {
    const first = isShown ? 'The operator must see spec.flatten true' : 'spec.flatten is set to true once more';
    session.terminal.note(`${first} first, so that it obeys its end.`);
    if (!isShown) await showFlatten(name, session, requesting);
    await untilSeen(stack, 'spec-flatten', { ...waitOf(requesting), session });
  }
  await withdrawFlatten(cluster, name);
  if (isShown) noteTools(sellsAgain(flattenOwners(stack), 'spec.flatten'), session);
  return true;
}

function noteTools(again: string | undefined, { terminal }: Session): void {
  if (again !== undefined) terminal.note(terminal.style.warn(again));
}

async function showFlatten(name: string, { terminal }: Session, { cluster, given }: Requesting): Promise<void> {
  const unrecorded = await requestFlatten(cluster, name, await signedReason(cluster, given, 'withdrawn'));
  if (unrecorded !== undefined) terminal.note(terminal.style.bad(unrecordedText(unrecorded)));
}

/** Returns whether the annotation was written. What replaced a sale in it stays: that may be a halt. */
async function withdrawAnnotation(stack: StoredStack, session: Session, requesting: Requesting): Promise<boolean> {
  const recorded = recordedRequest(readStatus(stack.status));
  const { state, text = 'nothing', reason = 'no reason' } = shownOf(stack);
  const sale = annotatedSale(state, recorded?.state);
  const found = `The annotation shows ${text} (${reason}), and ${recorded?.state ?? 'Active'} is on record`;
  if (sale === 'Replaced') session.terminal.note(`${found}: it is left as it is.`);
  if (sale === 'OverHalt') session.terminal.note(`${found}: it is set to Halted again.`);
  if (sale === 'None' || sale === 'Replaced') return false;
  await endAnnotated(stack, session, requesting);
  noteTools(saleTools(stack), session);
  return true;
}

/** Which tools set an annotation that shows a sale. */
function saleTools(stack: StoredStack): string | undefined {
  return shownOf(stack).state === 'Flattening' ? sellsAgain(annotationOwners(stack), 'the annotation') : undefined;
}

/** Ends a sale by the halt on record, or else by Active. */
async function endAnnotated(stack: StoredStack, session: Session, requesting: Requesting): Promise<void> {
  const { cluster, given } = requesting;
  const recorded = recordedRequest(readStatus(stack.status));
  if (recorded?.state === 'Halted') {
    await replaceRequest(cluster, stack, { state: 'Halted', reason: recorded.reason });
    return;
  }
  const reason = await signedReason(cluster, given, 'sale withdrawn');
  const own = recorded?.state === 'Flattening' ? recorded : undefined;
  await liftAnnotation(stack, own, { ...waitOf(requesting), session, reason });
}

/** How to wait until the operator has seen a sale that is shown once more. */
function waitOf({ cluster, given: { timeoutMs } }: Requesting) {
  return { cluster, timeoutMs, without: stopWithoutOperator };
}

/** The request of spec.flatten, as the operator has recorded it. */
function recordedSale({ status }: StoredStack) {
  const { sources = [] } = readStatus(status).trading ?? {};
  return sources.find(({ source, state }) => source === 'spec-flatten' && state === 'Flattening');
}
