import { observe } from '../../services/execution/core/order-decider.ts';
import { effectsOf } from '../../services/execution/core/order-effects.ts';
import type { ApprovedOrder, OrderRecord } from '../../services/execution/core/order-record.ts';
import type { Observation } from '../../services/execution/core/observation.ts';
import type { Fence } from '../../services/execution/core/role.ts';
import { add, ZERO, type Decimal } from '../../services/shared/domain/decimal.ts';
import type { Fill } from '../../services/shared/domain/fill.ts';
import { transferOf, type Posting } from '../../services/shared/domain/ledger.ts';
import { isTerminal } from '../../services/shared/domain/order.ts';
import { FLAT, type Position } from '../../services/shared/domain/position.ts';
import type { Digest } from './digest.ts';

export interface HeldPosition extends Position {
  readonly strategy: string;
  readonly symbol: string;
}

/** What Postgres is to the services: it outlives them, and each of its methods is one transaction. */
export class SimulatedRecord {
  readonly approved: ApprovedOrder[] = [];
  readonly orders = new Map<string, OrderRecord>();
  readonly fills: Fill[] = [];
  readonly postings: Posting[] = [];
  /** What the venue holds for us per asset, by our own books. */
  readonly balances = new Map<string, Decimal>();
  /** Orders whose outcome was unknown at some time. */
  readonly unknowns = new Set<string>();
  /** Fills that an order's state left no room for. */
  lateFills = 0;
  fence: Fence = { epoch: 0, holder: '' };
  readonly #positions = new Map<string, HeldPosition>();
  readonly #live = new Map<string, OrderRecord>();
  readonly #digest: Digest;

  constructor(opening: Readonly<Record<string, Decimal>>, digest: Digest) {
    this.#digest = digest;
    for (const [asset, amount] of Object.entries(opening)) {
      this.postings.push(...transferOf(asset, amount));
      this.balances.set(asset, amount);
    }
  }

  /** Raises the fence by compare-and-set. */
  grant(holder: string, epoch: number): boolean {
    if (this.fence.epoch !== epoch - 1) return false;
    this.fence = { epoch, holder };
    return true;
  }

  /** Commits an intent, if its epoch is the fence's and there is no such order yet. */
  insertIntent(order: OrderRecord): 'Inserted' | 'Duplicate' | 'Fenced' {
    if (this.fence.epoch !== order.epoch) return 'Fenced';
    if (this.orders.has(order.request.clientOrderId)) return 'Duplicate';
    this.#keep(order);
    this.#digest.add('intent', { ...order, tradeIds: [] });
    return 'Inserted';
  }

  /** Takes an observation of an order in: its row, and with a fill position, ledger and balances. Unknown orders are ignored. */
  observe(clientOrderId: string, observation: Observation): OrderRecord | undefined {
    const before = this.orders.get(clientOrderId);
    if (before === undefined) return undefined;
    const { order, events } = observe(before, observation);
    for (const event of events) {
      this.#digest.add('order', { clientOrderId, ...event });
      if (event.kind !== 'FillAdded') continue;
      if (event.late) this.lateFills += 1;
      this.#book(order.strategy, event.fill);
    }
    if (order.state.kind === 'Unknown') this.unknowns.add(clientOrderId);
    if (events.length > 0) this.#keep(order);
    return order;
  }

  live(): readonly OrderRecord[] {
    return [...this.#live.values()];
  }

  positions(): readonly HeldPosition[] {
    return [...this.#positions.values()];
  }

  #keep(order: OrderRecord): void {
    const id = order.request.clientOrderId;
    this.orders.set(id, order);
    if (isTerminal(order.state)) this.#live.delete(id);
    else this.#live.set(id, order);
  }

  #book(strategy: string, fill: Fill): void {
    const key = `${strategy} ${fill.symbol}`;
    const held = this.#positions.get(key) ?? { ...FLAT, strategy, symbol: fill.symbol };
    const { position, postings, balances } = effectsOf(fill, held);
    this.fills.push(fill);
    this.postings.push(...postings);
    this.#positions.set(key, { ...position, strategy, symbol: fill.symbol });
    for (const [asset, change] of balances) this.balances.set(asset, add(this.balances.get(asset) ?? ZERO, change));
  }
}
