import type { RiskSettings } from '../shared/contracts/services/risk.ts';
import { ZERO } from '../shared/domain/decimal.ts';
import type { Digest } from '../shared/domain/ids.ts';
import { reservationOf } from '../shared/domain/orders/reservation.ts';
import type { MarketView } from '../shared/market/market-view.ts';
import type { Account, OpenApproval } from './core/account.ts';
import type { OrderView, RequestedState, RiskState } from './core/risk-state.ts';

/** Everything that a decision depends on, besides the account. */
export interface StateOptions {
  readonly settings: RiskSettings;
  readonly release: string;
  readonly digest: Digest;
  readonly market: MarketView;
  /** Trading states that this process was commanded, which the record may not have yet. */
  readonly tradingStates: () => readonly RequestedState[];
}

/** Gathers what decisions depend on, at one time. The market data of the instrument is added for each decision. */
export function stateOf(options: StateOptions, account: Account, nowMs: number): Omit<RiskState, 'market'> {
  return statesAt(options, nowMs)(account);
}

/**
 * Returns the function that gathers the states of several decisions at one time. What they share is computed once: the
 * marks of the instruments, and the orders of approvals that were open before.
 */
export function statesAt(options: StateOptions, nowMs: number): (account: Account) => Omit<RiskState, 'market'> {
  const { settings, release, digest, market, tradingStates } = options;
  const marks = market.marks();
  const freshMarks = market.marks({ nowMs, maxAgeMs: settings.limits.maxFeedAgeMs });
  let known: { readonly approvals: readonly OpenApproval[]; readonly orders: readonly OrderView[] } = {
    approvals: [],
    orders: [],
  };
  // Each decision adds its approval behind those that were open before.
  const ordersOf = (approvals: readonly OpenApproval[]): readonly OrderView[] => {
    const orderAt = (index: number) => (approvals[index] === known.approvals[index] ? known.orders[index] : undefined);
    const orders = approvals.map((approval, index) => orderAt(index) ?? orderOfApproval(approval, market));
    known = { approvals, orders };
    return orders;
  };
  return ({ liveOrders, openApprovals, ...rest }) => ({
    ...rest,
    nowMs,
    stack: settings.stack.id,
    release,
    digest,
    policy: settings,
    tradingStates: [...rest.tradingStates, ...tradingStates()],
    marks,
    freshMarks,
    orders: [...liveOrders, ...ordersOf(openApprovals)],
  });
}

/**
 * Returns an approval that has no order yet as an order: it reserves funds too. While the instrument is unknown, the
 * fee counts as zero; no order of that instrument is approved then.
 */
function orderOfApproval(approval: OpenApproval, market: MarketView): OrderView {
  const takerFee = market.instrument(approval.symbol)?.takerFee ?? ZERO;
  const { asset, amount } = reservationOf(approval, takerFee);
  return {
    ...approval,
    sinceMs: approval.decidedAt,
    filled: ZERO,
    state: 'Approved',
    reservedAsset: asset,
    reserved: amount,
  };
}
