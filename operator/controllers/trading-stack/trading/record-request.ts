import { isMoreRestrictive, type TradingState } from '../../../../services/shared/domain/trading-state.ts';
import type { SourceStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import type { TradingRequest } from './requests.ts';

/** What is on record of a source after its request was read. */
export interface Recorded {
  /** Undefined while the source has never requested anything but Active. */
  readonly record: SourceStatus | undefined;
  /** Why the resource shows a less restrictive state that is not applied; for people. */
  readonly refusal: string | undefined;
}

/**
 * Field managers of commands that a person types. `kubectl` itself is not one of them: it is the default manager of
 * `kubectl apply --server-side`, which writes whatever a file holds.
 */
const BY_HAND: ReadonlySet<string> = new Set([
  'kubectl-patch',
  'kubectl-edit',
  'kubectl-annotate',
  'kubectl-tradingstack',
]);

/**
 * Records the request of a source. A more restrictive state applies at once, whoever wrote it. A less restrictive one
 * applies only on purpose: somebody set the field, namely a person, or the same tool that had set the recorded state.
 * So neither a sync, a rollback, a replace nor a manifest without the field lifts a halt that a person set.
 */
export function recordRequest(known: SourceStatus | undefined, request: TradingRequest, nowMs: number): Recorded {
  const { source, state, managers, reason } = request;
  const before = known?.state ?? 'Active';
  if (state === before) return { record: known, refusal: undefined };
  if (isMoreRestrictive(before, state) && !liftsOnPurpose(known, request))
    return { record: known, refusal: refusalOf(known, request) };
  const record = {
    source,
    state,
    author: authorOf(managers),
    reason,
    revision: (known?.revision ?? 0) + 1,
    since: new Date(nowMs).toISOString(),
  };
  return { record, refusal: undefined };
}

function liftsOnPurpose(known: SourceStatus | undefined, { managers }: TradingRequest): boolean {
  if (managers.some((manager) => BY_HAND.has(manager))) return true;
  const author = known?.author ?? '';
  return author !== '' && !BY_HAND.has(author) && managers.includes(author);
}

/** A person is named before a tool that owns the field too. */
function authorOf(managers: readonly string[]): string {
  return (managers.find((manager) => BY_HAND.has(manager)) ?? managers[0] ?? '').slice(0, 200);
}

/** A field that a manifest has already reset must change twice, because the API server records only changes. */
function refusalOf(known: SourceStatus | undefined, { source, field, state, managers }: TradingRequest): string {
  const writer = managers.length === 0 ? 'no manifest or person sets it' : `written by ${managers.join(', ')}`;
  const author = known?.author ?? '';
  const before = known?.state ?? 'Active';
  const valueOf = (named: TradingState): string => (source === 'spec' ? String(named === 'Halted') : named);
  return (
    `${field} is ${state} (${writer}), which does not lift the ${before} ` +
    `set by ${author === '' ? 'an unknown author' : author}; ` +
    `to lift it, a person sets ${field} to ${valueOf(before)} and then to ${valueOf(state)}`
  );
}
