import { createHash } from 'node:crypto';
import type { OrderRecord } from '../../services/execution/core/order-record.ts';
import { decide } from '../../services/risk/core/decide.ts';
import type { ApprovedOrder, OrderView, RiskState } from '../../services/risk/core/risk-state.ts';
import type { BookMessage } from '../../services/shared/contracts/messages/book.ts';
import type { SignalMessage } from '../../services/shared/contracts/messages/signal.ts';
import type { TradeMessage } from '../../services/shared/contracts/messages/trade.ts';
import type { RiskSettings } from '../../services/shared/contracts/settings/risk.ts';
import { divide, parseDecimal, ZERO, type Decimal } from '../../services/shared/domain/decimal.ts';
import type { Instrument } from '../../services/shared/domain/instrument.ts';
import { reservationOf } from '../../services/shared/domain/reservation.ts';
import type { Digest } from './digest.ts';
import type { Scheduler } from './scheduler.ts';
import type { SimulatedRecord } from './simulated-record.ts';

export interface SimulatedRiskOptions {
  readonly settings: RiskSettings;
  readonly instrument: Instrument;
  readonly scheduler: Scheduler;
  readonly record: SimulatedRecord;
  readonly digest: Digest;
  readonly halted: () => boolean;
  /** After the decision is in the record. */
  readonly onApproved: (order: ApprovedOrder) => void;
}

export interface SimulatedRisk {
  onTrade(trade: TradeMessage): void;
  onBook(book: BookMessage): void;
  onSignal(signal: SignalMessage): void;
  /** How often each outcome came, by kind and code. */
  readonly outcomes: ReadonlyMap<string, number>;
}

export function sha256(text: string): Uint8Array {
  return createHash('sha256').update(text).digest();
}

/** The service risk: the market in its memory, everything else read from the record for each decision. */
export function createSimulatedRisk(options: SimulatedRiskOptions): SimulatedRisk {
  const { settings, instrument, scheduler, record, digest, halted, onApproved } = options;
  const outcomes = new Map<string, number>();
  let market: RiskState['market'] = { instrument, book: undefined, lastTrade: undefined };

  const state = (): RiskState => {
    const now = scheduler.nowMs();
    const mid = middleOf(market.book);
    return {
      now,
      stack: settings.stack.id,
      release: 'simulation',
      digest: sha256,
      policy: settings,
      halts: [{ source: 'test', active: halted(), reason: 'the simulation ends' }],
      market,
      marks: new Map(mid === undefined ? [] : [[instrument.symbol, mid]]),
      positions: record.positions(),
      orders: [...record.live().map(viewOf), ...waiting(record, instrument, now)],
      balances: [...record.balances].map(([asset, ledger]) => ({ asset, ledger, reconciledAt: now })),
      approvedLastSecond: record.approved.slice(-200).filter(({ decidedAt }) => decidedAt > now - 1_000).length,
    };
  };

  return {
    outcomes,
    onTrade: ({ price, receivedAt }) => {
      market = { ...market, lastTrade: { price, receivedAt } };
    },
    onBook: ({ bids, asks, receivedAt }) => {
      market = { ...market, book: { bid: bids[0]?.[0], ask: asks[0]?.[0], receivedAt } };
    },
    onSignal: (signal) => {
      const decision = decide(state(), signal);
      const name = decision.kind === 'Approved' ? 'Approved' : `${decision.kind} ${codeOf(decision)}`;
      outcomes.set(name, (outcomes.get(name) ?? 0) + 1);
      digest.add('decision', { signal: signal.id, ...decision });
      if (decision.kind !== 'Approved') return;
      record.approved.push(decision.order);
      onApproved(decision.order);
    },
  };
}

function codeOf(decision: Exclude<ReturnType<typeof decide>, { kind: 'Approved' }>): string {
  return decision.kind === 'Refused' ? decision.code : decision.reason;
}

function viewOf({ request, strategy, filled, state, reservedAsset, reserved }: OrderRecord): OrderView {
  return { ...request, strategy, filled, state: state.kind, reservedAsset, reserved };
}

/** Approved, and not in the record of orders yet. */
function waiting(record: SimulatedRecord, instrument: Instrument, now: number): readonly OrderView[] {
  return record.approved
    .slice(-50)
    .filter((order) => order.deadline >= now && !record.orders.has(order.clientOrderId))
    .map((order) => {
      const { asset, amount } = reservationOf(order, instrument.takerFee);
      return { ...order, filled: ZERO, state: 'Approved' as const, reservedAsset: asset, reserved: amount };
    });
}

function middleOf(book: RiskState['market']['book']): Decimal | undefined {
  if (book?.bid === undefined || book.ask === undefined) return undefined;
  return divide((book.bid + book.ask) as Decimal, parseDecimal('2'), 'floor');
}
