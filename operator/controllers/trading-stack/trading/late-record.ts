import { canonicalJson } from '../../../../services/shared/domain/canonical-json.ts';
import type { TradingStackStatus } from '../../../api/v1alpha1/trading-stack/status.ts';

/** Whether a status has a restriction that the stored one does not have. */
export function hasNewRequest({ trading }: TradingStackStatus, stored: TradingStackStatus): boolean {
  const known = new Set((stored.trading?.sources ?? []).map((each) => canonicalJson(each)));
  return (trading?.sources ?? []).some((each) => each.state !== 'Active' && !known.has(canonicalJson(each)));
}

/** Whether two statuses are the same, as the API server has them. */
export function isSameStatus(status: unknown = {}, other: unknown = {}): boolean {
  return canonicalJson(status) === canonicalJson(other);
}
