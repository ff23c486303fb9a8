import type { OrderRecord } from '../execution/core/order-record.ts';
import type { RiskStore } from '../risk/store/risk-store.ts';
import type { Ruling } from '../risk/store/decide-once.ts';
import { APPROVAL_GRACE_MS, type AccountRow } from '../risk/store/load-account.ts';
import { approvedOrderMessage, type ApprovedOrderPayload } from '../shared/contracts/messages/approved-order.ts';
import { approve } from '../shared/domain/approved.ts';
import { ZERO } from '../shared/domain/decimal.ts';
import { isTerminal } from '../shared/domain/order.ts';
import type { MemoryExecutionStore } from '../execution/store/memory/memory-execution-store.ts';

/** What risk reads and writes of the record that execution has too, in memory: each signal decided once, over the account of that moment. */
export class MemoryRiskStore implements Pick<RiskStore, 'decideOnce'> {
  readonly #record: MemoryExecutionStore;
  readonly #heard: (decisionId: string, ruling: Ruling) => void;
  readonly #decided = new Map<string, ApprovedOrderPayload | undefined>();

  /** `heard` is told of every ruling, also of those that leave nothing in the record. */
  constructor(record: MemoryExecutionStore, heard: (decisionId: string, ruling: Ruling) => void) {
    this.#record = record;
    this.#heard = heard;
  }

  readonly decideOnce: RiskStore['decideOnce'] = async ({ decisionId, nowMs }, rule) => {
    await Promise.resolve();
    if (this.#decided.has(decisionId)) return { kind: 'Repeated', order: this.#decided.get(decisionId) };
    const ruling = rule(this.#account(nowMs));
    this.#heard(decisionId, ruling);
    if (ruling === undefined) return { kind: 'NoAction' };
    this.#decided.set(decisionId, ruling.order);
    if (ruling.order !== undefined) this.#record.approvals.push(approve(approvedOrderMessage.parse(ruling.order)));
    return { kind: 'New', order: ruling.order };
  };

  #account(nowMs: number): AccountRow {
    const { halts, positions, orders, approvals, comparedAt } = this.#record;
    const ledger = this.#record.ledger();
    return {
      halts: halts.map((source) => ({ source, active: true, reason: 'halted' })),
      positions: [...positions].map(([key, { quantity, cost }]) => {
        const [strategy = '', symbol = ''] = key.split(' ');
        return { strategy, symbol, quantity, cost };
      }),
      orders: [...orders.values()].filter(({ state }) => !isTerminal(state)).map(rowOf),
      waiting: approvals.filter(
        ({ deadline, clientOrderId }) => deadline > nowMs - APPROVAL_GRACE_MS && !orders.has(clientOrderId),
      ),
      balances: [...comparedAt].map(([asset, at]) => ({ asset, ledger: ledger.get(asset) ?? ZERO, reconciled_at: at })),
      approved_last_second: approvals.filter(({ decidedAt }) => decidedAt > nowMs - 1_000).length,
    };
  }
}

function rowOf(order: OrderRecord): AccountRow['orders'][number] {
  const { request, strategy, filled, state, reservedAsset, reserved } = order;
  const { clientOrderId, symbol, side, price, quantity } = request;
  const names = { client_order_id: clientOrderId, reserved_asset: reservedAsset };
  return { ...names, strategy, symbol, side, price, quantity, filled, state: state.kind, reserved };
}
