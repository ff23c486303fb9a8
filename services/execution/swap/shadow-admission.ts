import type { Instrument } from '../../shared/domain/instrument.ts';
import type { TradingState } from '../../shared/domain/trading-state.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { admissionRefusal } from '../core/admission.ts';
import type { ApprovedOrder } from '../core/order-record.ts';
import type { ExecutionMetrics } from '../metrics.ts';
import type { ExecutionStore } from '../ports.ts';

export interface ShadowAdmissionOptions {
  readonly store: Pick<ExecutionStore, 'openApprovals'>;
  readonly states: { readonly state: TradingState };
  readonly instrumentOf: (symbol: string) => Instrument | undefined;
  readonly metrics: Pick<ExecutionMetrics, 'rehearsedApprovals'>;
  readonly clock: Clock;
}

/**
 * Creates the check whether this process could parse and admit the approvals that wait for the sender, each time that
 * it is asked. It counts the results, and sends nothing. What only the holder of the fence knows is taken as fine.
 */
export function createShadowAdmission(options: ShadowAdmissionOptions): () => Promise<void> {
  const { store, metrics } = options;
  return async () => {
    const { orders, malformed } = await store.openApprovals([]);
    for (const order of orders) metrics.rehearsedApprovals.inc({ result: resultOf(order, options) });
    metrics.rehearsedApprovals.inc({ result: 'Malformed' }, malformed.length);
  };
}

function resultOf(order: ApprovedOrder, { states, instrumentOf, clock }: ShadowAdmissionOptions): string {
  const refusal = admissionRefusal(order, {
    nowMs: clock.nowMs(),
    tradingState: states.state,
    isRequested: () => false,
    reduceOnly: false,
    instrumentKnown: instrumentOf(order.symbol) !== undefined,
    reconciled: true,
    setApart: false,
    otherStack: false,
    canary: undefined,
    liveStates: [],
  });
  return refusal ?? 'Admitted';
}
