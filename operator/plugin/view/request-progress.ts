import { mostRestrictive } from '../../../services/shared/domain/trading-state.ts';
import type { SourceStatus, TradingStackStatus } from '../../api/v1alpha1/trading-stack/status.ts';
import { isObserved } from './stack-report.ts';
import { restrictionsOf } from './restrictions.ts';

/** Source of what the plugin requests. */
export const ANNOTATION = 'annotation';

/** How far a request has come. */
export type Progress =
  | { readonly kind: 'Waiting'; readonly line: string; readonly heard: boolean }
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
  const asks = (name: string, state: SourceStatus['state']) =>
    sources.find((each) => each.source === name && each.state === state);
  if (asks('spec-flatten', 'Flattening') === undefined)
    return waiting('the operator has not taken up the request yet', false);
  const sold = asks('flatten', 'Halted');
  if (sold === undefined || status.halt?.active !== true) return waiting(haltedMessage(status));
  return { kind: 'Done', line: `Sold, and halted by risk: ${sold.reason}.` };
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
  if (others.length > 0)
    return {
      kind: 'Done',
      line: `The annotation asks for nothing any more. The stack stays ${mostRestrictive(others)}:`,
    };
  return obeyedProgress(state, status);
}

function obeyedProgress(state: string, status: TradingStackStatus): Progress {
  if (state !== 'Active') return waiting(`the processes report ${state}: ${haltedMessage(status)}`);
  return { kind: 'Done', line: 'Active: risk and execution report it, and orders are sent as risk approves them.' };
}

function haltedMessage({ conditions = [] }: TradingStackStatus): string {
  const halted = conditions.find(({ type }) => type === 'Halted');
  if (halted === undefined) return 'the operator does not say which';
  return halted.message === '' ? halted.reason : halted.message;
}

function waiting(line: string, heard = true): Progress {
  return { kind: 'Waiting', line, heard };
}
