import { mostRestrictive } from '../../../services/shared/domain/trading-state.ts';
import type { SourceStatus, TradingStackStatus } from '../../api/v1alpha1/trading-stack/status.ts';
import { isObserved } from './stack-report.ts';
import { isEndOfSale, restrictionsOf } from './restrictions.ts';

/** Source of what the plugin requests. */
const ANNOTATION = 'annotation';

/** How far a request has come. */
export type Progress =
  | { readonly kind: 'Waiting'; readonly line: string; readonly heard: boolean }
  /** It waits for a person: to wait longer does not help. */
  | { readonly kind: 'Blocked'; readonly line: string }
  | { readonly kind: 'Done'; readonly line: string };

interface Seen {
  readonly name: string;
  readonly namespace: string;
  readonly status: TradingStackStatus;
  readonly nowMs: number;
}

/** Returns the request of the annotation as the operator has recorded it. */
export function recordedRequest({ trading }: TradingStackStatus): SourceStatus | undefined {
  return trading?.sources.find(({ source }) => source === ANNOTATION);
}

/** Whether the operator has seen the resource show the request of a source. Pure. */
export function seenProgress(seen: Seen, source: string): Progress {
  if (!isObserved(seen)) return waiting('no operator observes the stack', false);
  const record = seen.status.trading?.sources.find((each) => each.source === source);
  if (record?.unshown === true) return waiting('the operator has not seen yet what the resource shows', false);
  return { kind: 'Done', line: '' };
}

/** How far a halt has come: taken up, obeyed by every process, and no order left at the venue. Pure. */
export function haltProgress(seen: Seen): Progress {
  const { status } = seen;
  if (!isObserved(seen)) return waiting('no operator observes the stack', false);
  if (recordedRequest(status)?.state !== 'Halted') return waiting('the operator has not taken up the halt yet', false);
  const { halt } = status;
  if (halt?.active !== true) return waiting(`not every process reports the halt: ${haltedMessage(status)}`);
  if (halt.confirmed === undefined)
    return waiting('risk and execution have halted; the venue has not listed the open orders since');
  const { openOrders } = halt.confirmed;
  if (openOrders > 0)
    return waiting(
      `risk and execution have halted; ${openOrders} ${openOrders === 1 ? 'order is' : 'orders are'} still open at the venue, and being cancelled`,
    );
  return { kind: 'Done', line: 'Halted: risk and execution report it, and no order is open at the venue.' };
}

/** How far spec.flatten has come: taken up, and every position sold, so that risk has halted. Pure. */
export function flattenProgress(seen: Seen): Progress {
  const { status } = seen;
  if (!isObserved(seen)) return waiting('no operator observes the stack', false);
  const { sources = [] } = status.trading ?? {};
  if (!sources.some(({ source, state }) => source === 'spec-flatten' && state === 'Flattening'))
    return waiting('the operator has not taken up the request yet', false);
  const sold = sources.find(isEndOfSale);
  if (sold !== undefined) {
    if (status.halt?.active !== true)
      return waiting(`sold; waiting for every process to report the halt: ${haltedMessage(status)}`);
    return { kind: 'Done', line: `Sold, and halted by risk: ${sold.reason}.` };
  }
  const halts = haltsOf(sources);
  if (halts.length === 0) return waiting(haltedMessage(status));
  return { kind: 'Blocked', line: `the stack is halted by ${halts.join(', ')}, and a halt sells no position` };
}

/** The sources that keep positions from being sold. */
function haltsOf(sources: readonly SourceStatus[]): readonly string[] {
  return sources.filter(({ state }) => state === 'Halted').map(({ source }) => source);
}

/** Where a sale is requested that this program withdraws. */
const WITHDRAWN: ReadonlySet<string> = new Set(['spec-flatten', ANNOTATION]);

/** How far the withdrawal of a sale has come: taken up, and the halt of risk that followed the sale lifted. Pure. */
export function withdrawalProgress(seen: Seen): Progress {
  const { status } = seen;
  if (!isObserved(seen)) return waiting('no operator observes the stack', false);
  const { state = 'Unknown', ignored, sources = [] } = status.trading ?? {};
  const selling = sources.filter((each) => each.state === 'Flattening').map(({ source }) => source);
  if (selling.some((source) => WITHDRAWN.has(source)))
    return waiting(
      ignored === undefined ? 'the operator has not taken up the request yet' : `not withdrawn: ${ignored}`,
      false,
    );
  if (selling.length > 0)
    return { kind: 'Blocked', line: `The sale goes on, because ${selling.join(', ')} requests it:` };
  if (sources.some(isEndOfSale)) return waiting('risk has not lifted the halt yet that followed the sale');
  const others = restrictionsOf(seen).map(({ source }) => source.state);
  if (others.length > 0) return { kind: 'Done', line: `The stack stays ${mostRestrictive(others)}:` };
  return obeyedProgress(state, status);
}

/** How far a resume has come: taken up, and obeyed by every process unless another source restricts. Pure. */
export function resumeProgress(seen: Seen): Progress {
  const { status } = seen;
  if (!isObserved(seen)) return waiting('no operator observes the stack', false);
  const { state = 'Unknown', ignored } = status.trading ?? {};
  if ((recordedRequest(status)?.state ?? 'Active') !== 'Active')
    return waiting(
      ignored === undefined ? 'the operator has not taken up the request yet' : `not lifted: ${ignored}`,
      false,
    );
  const others = restrictionsOf(seen).map(({ source }) => source.state);
  // Not what the processes still apply: under a halt that was just lifted, that is Halted, and a sale follows.
  if (others.length > 0) {
    const stays = mostRestrictive(others);
    const line =
      stays === 'Flattening' ? 'The sale of every position begins; a halt follows:' : `The stack stays ${stays}:`;
    return { kind: 'Done', line };
  }
  return obeyedProgress(state, status);
}

function obeyedProgress(state: string, status: TradingStackStatus): Progress {
  if (state !== 'Active') return waiting(`the processes report ${state}: ${haltedMessage(status)}`);
  return { kind: 'Done', line: 'Active: risk and execution report it, and orders are sent as risk approves them.' };
}

function haltedMessage({ conditions = [] }: TradingStackStatus): string {
  const halted = conditions.find(({ type }) => type === 'Halted');
  if (halted === undefined) return 'the operator reports no condition Halted';
  return halted.message === '' ? halted.reason : halted.message;
}

function waiting(line: string, heard = true): Progress {
  return { kind: 'Waiting', line, heard };
}
