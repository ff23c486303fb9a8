import { createRandom } from '../../../services/exchange-simulator/core/random.ts';
import type { ReplayContext } from '../../../services/replay/context.ts';
import type { Decisions } from '../../../services/replay/decisions.ts';
import { multiply, parseDecimal, roundToStep, type Decimal } from '../../../services/shared/domain/decimal.ts';
import { clientOrderIdOf } from '../../../services/shared/domain/ids.ts';
import type { Instrument } from '../../../services/shared/domain/instrument.ts';
import type { OrderType } from '../../../services/shared/domain/orders/order.ts';
import { sha256 } from '../../../services/shared/runtime/sha256.ts';
import { approvedOrder } from '../../fixtures/approved-orders.ts';

interface Kind {
  readonly side: 'buy' | 'sell';
  readonly type: OrderType;
  /** Of the last price. */
  readonly factor: Decimal;
}

/** Most are filled at once; some rest where they are hardly filled, over a swap, too. */
const KINDS: readonly Kind[] = [
  { side: 'buy', type: 'IMMEDIATE_OR_CANCEL', factor: parseDecimal('1.02') },
  { side: 'sell', type: 'IMMEDIATE_OR_CANCEL', factor: parseDecimal('0.98') },
  { side: 'buy', type: 'IMMEDIATE_OR_CANCEL', factor: parseDecimal('1.02') },
  { side: 'buy', type: 'LIMIT_MAKER', factor: parseDecimal('0.97') },
];
const QUANTITY = parseDecimal('20');
/** Of XRP/ETH, until it has traded. */
const OPENING = parseDecimal('0.0015');
const SHORTEST_MS = 20;
const LONGEST_MS = 480;
const VALID_MS = 8_000;
/** No order is offered in the last seconds, so that each is sent or has expired in the end. */
const QUIET_MS = 1_000;

/** Offers orders at random times, as risk would, of each instrument of the context. */
export function offeredOrders(seed: number) {
  const random = createRandom(seed + 3_000);
  return (context: ReplayContext, onApproved: (decisionId: string) => void): Decisions => {
    const { scheduler, record, hop, endMs } = context;
    let offered = 0;
    const offer = (): void => {
      if (scheduler.nowMs() > endMs - QUIET_MS) return;
      const waitMs = SHORTEST_MS + random() * (LONGEST_MS - SHORTEST_MS);
      scheduler.after(waitMs, offer);
      // Before the first comparison of the balances, risk has nothing that it could sell.
      if (record.store.postings.length === 0) return;
      const order = nextOrder(context, offered, KINDS[Math.floor(random() * KINDS.length)] ?? OTHER);
      offered += 1;
      record.store.approvals.push(order);
      hop(() => onApproved(order.decisionId));
    };
    scheduler.after(LONGEST_MS, offer);
    return { ...NO_MARKET, counts: { trades: 0, books: 0, signals: 0 } };
  };
}

const [OTHER = { side: 'buy', type: 'LIMIT', factor: parseDecimal('1') } as const] = KINDS;

/** Nobody reads the market: execution needs no prices to send. */
const NO_MARKET: Omit<Decisions, 'counts'> = {
  feed: { start: () => {}, publish: () => {}, rebuilds: 0 },
  marks: () => new Map(),
  bestBid: () => undefined,
};

function nextOrder({ instruments, market, record, scheduler, settings }: ReplayContext, index: number, kind: Kind) {
  const all: readonly Instrument[] = [...instruments.values()];
  const instrument = all[index % all.length];
  if (instrument === undefined) throw new Error('the context has no instrument');
  const { id: stack } = settings.execution.stack;
  const decisionId = `offer-${index}`;
  const nowMs = scheduler.nowMs();
  return approvedOrder(decisionId, {
    stack,
    clientOrderId: clientOrderIdOf(stack, decisionId, 0, sha256),
    symbol: instrument.symbol,
    side: kind.side,
    type: kind.type,
    price: roundToStep(
      multiply(market.engine.lastPrice(instrument.symbol) ?? OPENING, kind.factor, 'floor'),
      instrument.tickSize,
      'floor',
    ),
    quantity: QUANTITY,
    decidedAt: nowMs,
    deadline: nowMs + VALID_MS,
    release: record.store.activeRelease?.release ?? 'none',
  });
}
