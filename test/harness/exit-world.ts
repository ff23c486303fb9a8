import { held, openBuy, riskState, xrpEth } from '../fixtures/risk-state.ts';
import { decide } from '../../services/risk/core/decide.ts';
import { afterAttempt, type Attempts } from '../../services/risk/core/exits/attempts.ts';
import { mayExit } from '../../services/risk/core/exits/exit.ts';
import { planExits, type ExitPlan } from '../../services/risk/core/exits/exit-plan.ts';
import { keyOf, openQuantity } from '../../services/risk/core/holdings.ts';
import { ALL_READ } from '../../services/risk/core/stances/unread-signals.ts';
import type { OrderView, RiskState, Signal } from '../../services/risk/core/risk-state.ts';
import { add, subtract, ZERO, type Decimal } from '../../services/shared/domain/decimal.ts';

const FLATTENING = [{ source: 'desk', state: 'Flattening', reason: 'out' }] as const;
const account: RiskState = { ...riskState, tradingStates: FLATTENING };

/** An account, its orders and one or two processes of risk, which may plan at one time and decide at another. */
export class ExitWorld {
  state: RiskState = {
    ...account,
    positions: [...held('35.67'), ...held('120', '0.1', 'maker'), ...held('0.5', '0', 'tiny')],
  };
  readonly attempts = new Map<string, Attempts>();
  readonly breaches: string[] = [];
  exits = 0;
  due: readonly Signal[] = [];
  ms = 0;
  #bids = 0;

  plan(): ExitPlan {
    const made = planExits({
      state: this.state,
      marketOf: () => this.state.market,
      attempts: this.attempts,
      unreadSignals: ALL_READ,
      monotonicMs: this.ms,
    });
    this.due = made.due;
    return made;
  }

  /** Rests a bid of a strategy some ticks below the best one, or at it. */
  bid(strategy: string, ticksBelow: bigint): void {
    const best = this.state.market.book?.bid;
    if (best === undefined || this.state.orders.some(({ side }) => side === 'buy')) return;
    const price = (best - ticksBelow * xrpEth.tickSize) as Decimal;
    this.#bids += 1;
    const clientOrderId = `bid${this.#bids}`;
    this.change({
      orders: [...this.state.orders, { ...openBuy, clientOrderId, strategy, price, type: 'LIMIT_MAKER' }],
    });
  }

  /** Requests the cancellations of a new plan, and ends the orders of all requests. */
  cancelRequested(): void {
    const { nowMs, cancelRequests } = this.state;
    const made = this.plan().cancels.map((one) => ({ ...one, requestedAtMs: nowMs }));
    this.change({ cancelRequests: [...cancelRequests, ...made] });
    const ids = new Set(this.state.cancelRequests.map(({ clientOrderId }) => clientOrderId));
    this.change({ orders: this.state.orders.filter((order) => !ids.has(order.clientOrderId)) });
  }

  /** Decides what was planned last, on the account as it is now. */
  decideDue(): void {
    for (const signal of this.due) {
      const key = keyOf(signal);
      const held = this.held(signal.strategy);
      this.attempts.set(key, afterAttempt(this.attempts.get(key), { atMs: this.ms, held, refusal: undefined }));
      const decision = mayExit(this.state, signal) ? decide(this.state, signal) : undefined;
      if (decision?.kind !== 'Approved') continue;
      this.exits += 1;
      // One of unknown outcome or without an end may turn out to be open; then there are two, of what is held together.
      const own = this.state.orders.filter((one) => one.strategy === signal.strategy && one.side === 'sell');
      const known = own.filter((one) => one.state !== 'Unknown' && this.state.nowMs - (one.sinceMs ?? 0) < 30_000);
      if (known.length > 0) this.breaches.push(`${signal.strategy} has two exits`);
      const { order } = decision;
      const bids = this.state.orders.filter(({ side }) => side === 'buy');
      if (bids.some(({ price }) => price >= order.price)) this.breaches.push(`${signal.strategy} trades with itself`);
      const view: OrderView = {
        ...order,
        filled: ZERO,
        state: 'Approved',
        reservedAsset: 'XRP',
        reserved: order.quantity,
        sinceMs: this.state.nowMs,
      };
      this.change({ orders: [...this.state.orders, view] });
    }
    this.check();
  }

  held(strategy: string): Decimal {
    return this.state.positions.find((one) => one.strategy === strategy)?.quantity ?? ZERO;
  }

  /** Fills the first order by some of what is left, and ends it or not. */
  fill(percent: bigint, ends: boolean): void {
    const [order, ...others] = this.state.orders;
    if (order === undefined) return;
    const amount = ((subtract(order.quantity, order.filled) * percent) / 100n) as Decimal;
    const positions = this.state.positions.map((one) =>
      one.strategy === order.strategy ? { ...one, quantity: afterFill(one.quantity, order.side, amount) } : one,
    );
    const left = { ...order, filled: (order.filled + amount) as Decimal };
    this.change({ positions, orders: ends ? others : [...others, left] });
    this.check();
  }

  change(change: Partial<RiskState>): void {
    this.state = { ...this.state, ...change };
  }

  pass(ms: number): void {
    this.ms += ms;
    const nowMs = this.state.nowMs + ms;
    const { book, lastTrade, ...market } = this.state.market;
    const live = { ...market, lastTrade, book: book === undefined ? undefined : { ...book, receivedAt: nowMs } };
    this.change({ nowMs, market: live, entriesLastSecond: 0 });
  }

  check(): void {
    for (const { strategy, quantity } of this.state.positions) {
      const orders = this.state.orders.filter((order) => order.strategy === strategy && order.side === 'sell');
      if (openQuantity(orders) > quantity) this.breaches.push(`${strategy} sells more than is held`);
    }
  }
}

function afterFill(quantity: Decimal, side: OrderView['side'], amount: Decimal): Decimal {
  return side === 'buy' ? add(quantity, amount) : subtract(quantity, amount);
}
