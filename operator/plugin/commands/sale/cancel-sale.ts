import { readStatus } from '../../../api/v1alpha1/trading-stack/read-status.ts';
import { readSwitches } from '../../../api/v1alpha1/trading-stack/switches.ts';
import type { SourceStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import { EXIT, type ExitCode } from '../../call/exit-code.ts';
import { isGiven, type Call } from '../../call/command.ts';
import { PluginError } from '../../call/plugin-error.ts';
import { followStatus } from '../../cluster/follow-status.ts';
import { liftAnnotation, untilSeen, UNHEARD, type Lifting } from '../../cluster/requests/lift-annotation.ts';
import { readStack, type StoredStack } from '../../cluster/read-stack.ts';
import { flattenOwners, showFlatten, withdrawFlatten } from '../../cluster/requests/request-flatten.ts';
import { annotationOwners, replaceRequest, shownOf } from '../../cluster/requests/request-state.ts';
import type { Session } from '../../session.ts';
import { annotatedSale } from '../../view/annotated-sale.ts';
import { recordedRequest, withdrawalProgress } from '../../view/request-progress.ts';
import { isObserved } from '../../view/stack-report.ts';
import { restrictionLines, restrictionsOf, stopWithoutOperator } from '../../view/restrictions.ts';
import { sellsAgain, unendedText } from '../../view/sale-tools.ts';
import { signedReason, type Requesting } from '../halt.ts';

/**
 * What a withdrawal wrote. `Unheard`: an operator that returns does not obey it, because the resource has not shown the
 * sale since a restore, and no operator is there to see it. `Kept`: something else stands where the sale was requested.
 */
type Withdrawal = 'Nothing' | 'Kept' | 'Requested' | 'Unheard';

/** Withdraws what the field and the annotation request of a sale, whoever requested it. No other source changes. */
export async function cancelSale(call: Call, session: Session, requesting: Requesting): Promise<ExitCode> {
  const stack = await readStack(requesting.cluster, call.argument);
  const withdrawn = await withdraw(stack, session, requesting);
  if (withdrawn.has('Unheard')) return unheard(stack, session, requesting);
  const isWritten = withdrawn.has('Requested');
  if (isWritten && isGiven(call, 'no-wait')) return withdrawn.has('Kept') ? EXIT.notAsWanted : EXIT.ok;
  const timeoutMs = isGiven(call, 'no-wait') ? 0 : requesting.given.timeoutMs;
  return await confirm(stack.metadata.name, isWritten, { cluster: requesting.cluster, timeoutMs, session });
}

function unheard({ metadata: { name }, status }: StoredStack, { terminal }: Session, { cluster }: Requesting) {
  const place = { name, namespace: cluster.namespace, status: readStatus(status) };
  terminal.note(terminal.style.bad(`${UNHEARD}\n${stopWithoutOperator(place)}`));
  return EXIT.notAsWanted;
}

/** Returns what it wrote in both places. */
async function withdraw(
  stack: StoredStack,
  session: Session,
  requesting: Requesting,
): Promise<ReadonlySet<Withdrawal>> {
  const { terminal } = session;
  const { cluster, given } = requesting;
  const line = `Requested: ${stack.metadata.name} in namespace ${cluster.namespace} is to end the sale.`;
  const byField = await withdrawField(stack, session, requesting);
  // At once: the annotation may fail.
  if (byField !== 'Nothing') terminal.out(line);
  const byAnnotation = await withdrawAnnotation(stack, session, requesting);
  const isRecorded = byAnnotation !== 'Nothing' && byAnnotation !== 'Kept';
  if (byField === 'Nothing' && isRecorded) terminal.out(line);
  if (byField !== 'Nothing' && !isRecorded && given.reason !== undefined)
    terminal.note('--reason is not recorded: the reason of spec.flatten goes with the sale.');
  return new Set([byField, byAnnotation]);
}

async function confirm(
  name: string,
  isWritten: boolean,
  { cluster, timeoutMs, session }: Omit<Lifting, 'reason'>,
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

/** Rejects with PluginError if the end does not count. */
async function withdrawField(stack: StoredStack, session: Session, requesting: Requesting): Promise<Withdrawal> {
  const recorded = recordedSale(stack);
  const isShown = isRequested(stack);
  if (recorded === undefined && !isShown) return 'Nothing';
  const isUnshown = recorded?.unshown === true;
  const isObservable = isObserved({ status: readStatus(stack.status), nowMs: session.clock.nowMs() });
  if (isUnshown && isObservable) await showSale(stack, recorded, { ...waitOf(requesting), session });
  const unrecorded = await withdrawFlatten(requesting.cluster, stack.metadata.name);
  if (unrecorded !== undefined) throw new PluginError('Unavailable', unendedText(unrecorded));
  if (isShown) noteTools(sellsAgain(flattenOwners(stack), 'spec.flatten'), session);
  return isUnshown && !isObservable ? 'Unheard' : 'Requested';
}

function isRequested({ spec }: StoredStack): boolean {
  return readSwitches(spec).flatten !== 'Active';
}

/** Shows a sale that only the processes have, so that the operator obeys its end. */
async function showSale(stack: StoredStack, sale: SourceStatus, lifting: Omit<Lifting, 'reason'>): Promise<void> {
  const { cluster, session } = lifting;
  const isShown = isRequested(stack);
  const first = isShown ? 'The operator must see spec.flatten true' : 'spec.flatten is set to true once more';
  session.terminal.note(`${first} first, so that it obeys its end.`);
  if (!isShown) await showFlatten(cluster, stack, sale.reason);
  await untilSeen(stack, 'spec-flatten', lifting);
}

function noteTools(again: string | undefined, { terminal }: Session): void {
  if (again !== undefined) terminal.note(terminal.style.warn(again));
}

const KEPT: ReadonlyMap<string, string> = new Map([
  ['Replaced', 'it is left as it is. While the operator ignores it, "resume" ends the sale.'],
  ['OverHalt', 'it is set to Halted again.'],
]);

/** What replaced a sale in the annotation stays: that may be a halt. */
async function withdrawAnnotation(stack: StoredStack, session: Session, requesting: Requesting): Promise<Withdrawal> {
  const recorded = recordedRequest(readStatus(stack.status));
  const { state, text = 'nothing', reason = 'no reason' } = shownOf(stack);
  const sale = annotatedSale(state, recorded?.state);
  const found = `The annotation shows ${text} (${reason}), and ${recorded?.state ?? 'Active'} is on record`;
  const what = KEPT.get(sale);
  if (what !== undefined) session.terminal.note(`${found}: ${what}`);
  if (sale === 'None') return 'Nothing';
  if (sale === 'Replaced') return 'Kept';
  const isHeard = await endAnnotated(stack, session, requesting);
  noteTools(saleTools(stack), session);
  return isHeard ? 'Requested' : 'Unheard';
}

/** Which tools set an annotation that shows a sale. */
function saleTools(stack: StoredStack): string | undefined {
  return shownOf(stack).state === 'Flattening' ? sellsAgain(annotationOwners(stack), 'the annotation') : undefined;
}

/** Ends a sale by the halt on record, or else by Active. Returns whether an operator obeys that. */
async function endAnnotated(stack: StoredStack, session: Session, requesting: Requesting): Promise<boolean> {
  const { cluster, given } = requesting;
  const recorded = recordedRequest(readStatus(stack.status));
  if (recorded?.state === 'Halted') {
    const reason = given.reason === undefined ? recorded.reason : await signedReason(cluster, given, '');
    await replaceRequest(cluster, stack, { state: 'Halted', reason });
    return true;
  }
  const reason = await signedReason(cluster, given, 'sale withdrawn');
  const own = recorded?.state === 'Flattening' ? recorded : undefined;
  return await liftAnnotation(stack, own, { ...waitOf(requesting), session, reason });
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
