import { senderRow } from '../../../../services/shared/contracts/catalogue.ts';
import type { FlattenStatus } from '../../../../services/shared/contracts/statusz.ts';
import { statusText, steadyMessage } from '../../../api/v1alpha1/status-text.ts';
import type { FlatStatus } from '../../../api/v1alpha1/trading-stack/rollout/flat-status.ts';
import type { ExecutionStatus, TierStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import type { SwapSpec } from '../../../api/v1alpha1/trading-stack/rollout/swap.ts';
import type { ObservedPod } from '../observe/observation.ts';
import { sendingColour } from '../rollout/colours.ts';
import { SWAP_ALLOWED } from '../rollout/gates.ts';
import { isSaleOverdue, waitsForSale } from '../rollout/swap/why-not-flat.ts';
import { CARRIERS, carriesTradingState, mayRun, reportedSources, reportedState } from '../trading/reported.ts';
import { SWAP_SOURCE } from '../trading/requests/requests.ts';
import type { SwapTerms } from './swap-terms.ts';
import { isReadyToSwap } from './swap-terms.ts';

export interface SaleTerms {
  /** What was recorded of it. */
  readonly previous: FlatStatus | undefined;
  /** Undefined while the spec cannot be read, or may not be acted on. */
  readonly swap: SwapSpec | undefined;
  /** Hash of the release that is rolled out; undefined if none may be. */
  readonly release: string | undefined;
  /** Whether a person asks to try the release again, in this reconcile. */
  readonly isRetry: boolean;
  readonly tiers: readonly TierStatus[];
  readonly pods: readonly ObservedPod[];
  readonly nowMs: number;
}

type SaleInput = SaleTerms & Pick<SwapTerms, 'to'> & { readonly execution: ExecutionStatus };

/** Adds the sale of every position before a swap, if one is wanted. */
export function withSale(execution: ExecutionStatus, input: SaleTerms & Pick<SwapTerms, 'to'>): ExecutionStatus {
  const flat = saleAfter({ ...input, execution });
  return flat === undefined ? execution : { ...execution, flat };
}

/**
 * Returns how far the sale of every position before a swap is; undefined while none is wanted. It begins once the swap
 * waits for nothing else, and ends when the new sender is active, or when there is no swap to wait for any more: the
 * window closed, another release or policy, a suspension, a deletion. What was sold stays sold.
 *
 * States: Selling <-> Halted, while another source halts -> Closed, once every process reports the halt by which risk
 * says that it is flat. Selling -> Failed at the deadline, which fails the release. While halted nothing can be sold,
 * so that time does not count. Closed stays: from the request on nothing is bought, until this very sale ends.
 */
function saleAfter(input: SaleInput): FlatStatus | undefined {
  const { release, isRetry } = input;
  if (release === undefined || isRetry || !isWanted(input)) return undefined;
  if (input.previous?.release === release) return continued(input, input.previous);
  return mayBegin(input) ? { release, ...judged(input), since: timeOf(input) } : undefined;
}

function continued(input: SaleInput, previous: FlatStatus): FlatStatus {
  if (previous.state === 'Closed' || previous.state === 'Failed') return previous;
  const { state, message } = judged(input, previous);
  if (state !== previous.state) return { ...previous, state, message, since: timeOf(input) };
  return { ...previous, message: steadyLine(previous.message, message) };
}

/** A message in which only the age of a problem grows stays as it was, but each count is shown. */
function steadyLine(before: string, now: string): string {
  const [counts] = now.split(';');
  return before.split(';')[0] === counts ? steadyMessage(before, now) : now;
}

function timeOf({ nowMs }: SaleInput): string {
  return new Date(nowMs).toISOString();
}

/** Whether a swap to the release is due or under way, and waits for nothing but the sale. */
function isWanted({ swap, execution, to, tiers }: SaleInput): boolean {
  if (swap?.positionPolicy !== 'Flat' || execution.active === to) return false;
  const gate = senderTier(tiers)?.gates.find(({ name }) => name === SWAP_ALLOWED);
  return gate !== undefined && (gate.ok || waitsForSale(gate) || isSaleOverdue(gate));
}

/** Nothing is sold for a swap that has begun already, or whose new sender is not ready. */
function mayBegin({ tiers, execution, to }: SaleInput): boolean {
  const gate = senderTier(tiers)?.gates.find(({ name }) => name === SWAP_ALLOWED);
  return gate !== undefined && !gate.ok && isReadyToSwap(tiers) && sendingColour(execution) !== to;
}

function senderTier(tiers: readonly TierStatus[]): TierStatus | undefined {
  return tiers.find(({ name, state }) => name === senderRow().tier && state === 'Progressing');
}

type Judged = Pick<FlatStatus, 'state' | 'message'>;

function judged({ swap, pods, nowMs }: SaleInput, previous?: FlatStatus): Judged {
  const carriers = pods.filter((pod) => carriesTradingState(pod) && mayRun(pod));
  const report = reportOf(carriers);
  if (isFlat(carriers, report)) return { state: 'Closed', message: closedLine(carriers) };
  const halting = otherHalts(carriers);
  if (halting.length > 0)
    return {
      state: 'Halted',
      message: statusText(`the halt requested by ${halting.join(', ')} keeps positions from being sold`),
    };
  const seconds = swap?.flatDeadlineSeconds ?? 0;
  const isOverdue = previous?.state === 'Selling' && nowMs - Date.parse(previous.since) > seconds * 1_000;
  const counts = countLine(report);
  return isOverdue
    ? { state: 'Failed', message: statusText(`not sold within ${seconds} s: ${counts}`) }
    : { state: 'Selling', message: statusText(counts) };
}

/** Source of the halt by which risk says that nothing is left to sell. */
const FLAT_SOURCE = 'flatten';

/**
 * Every process reports the request of this sale, and the halt that follows when it is done; and risk counts no open
 * position. A process that does not answer proves nothing.
 */
function isFlat(carriers: readonly ObservedPod[], report: FlattenStatus | undefined): boolean {
  const isComplete = CARRIERS.every((name) => carriers.some(({ service }) => service === name));
  return isComplete && report?.openPositions === 0 && carriers.every(reportsFlat);
}

function reportsFlat(pod: ObservedPod): boolean {
  const sources = reportedSources(pod);
  const isAsked = sources.some(({ source, state }) => source === SWAP_SOURCE && state === 'Flattening');
  return isAsked && sources.some(({ source, state }) => source === FLAT_SOURCE && state === 'Halted');
}

/** The report with the most open positions counts: a process that starts may know fewer. */
function reportOf(carriers: readonly ObservedPod[]): FlattenStatus | undefined {
  return carriers
    .flatMap(({ answer }) => (answer.kind === 'Answered' ? (answer.statusz.flatten ?? []) : []))
    .toSorted((a, b) => b.openPositions - a.openPositions)[0];
}

function otherHalts(carriers: readonly ObservedPod[]): readonly string[] {
  const halted = carriers.filter((pod) => reportedState(pod) === 'Halted').flatMap(reportedSources);
  const others = halted.filter(({ source, state }) => state === 'Halted' && source !== FLAT_SOURCE);
  return [...new Set(others.map(({ source }) => source))].sort();
}

/** What risk says of the positions that are below the minimum of the venue. */
function closedLine(carriers: readonly ObservedPod[]): string {
  const sources = carriers.flatMap(reportedSources);
  return statusText(sources.find(({ source }) => source === FLAT_SOURCE)?.reason ?? '');
}

function countLine(report: FlattenStatus | undefined): string {
  if (report === undefined) return 'the number of open positions is not reported yet';
  const { openPositions, problems } = report;
  const counts = `open positions: ${openPositions}`;
  const [first] = problems;
  if (first === undefined) return counts;
  return `${counts}; ${first.strategy} ${first.symbol}: ${first.reason} - ${first.message}`;
}
