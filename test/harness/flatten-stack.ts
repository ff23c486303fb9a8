import { Registry } from 'prom-client';
import { intendedOrder } from '../../services/execution/core/order-record.ts';
import { MemoryExecutionStore } from '../../services/execution/store/memory/memory-execution-store.ts';
import { MemoryRiskStore } from '../../services/replay/memory-risk-store.ts';
import { createFlattener, type Flattener } from '../../services/risk/flattener.ts';
import { createRiskMetrics } from '../../services/risk/metrics.ts';
import type { RecordedDecision, RiskStore } from '../../services/risk/ports.ts';
import { createRiskService } from '../../services/risk/service.ts';
import { bookMessage } from '../../services/shared/contracts/messages/book.ts';
import { tradeMessage } from '../../services/shared/contracts/messages/trade.ts';
import { parseDecimal, subtract, ZERO } from '../../services/shared/domain/decimal.ts';
import { FLAT } from '../../services/shared/domain/position.ts';
import { MarketView } from '../../services/shared/market/market-view.ts';
import { createLogger } from '../../services/shared/runtime/logger.ts';
import { sha256 } from '../../services/shared/runtime/sha256.ts';
import { TradingStates } from '../../services/shared/trading-state/trading-states.ts';
import { riskTestSettings as settings } from '../fixtures/risk-settings.ts';
import { xrpEth } from '../fixtures/risk-state.ts';
import { virtualClock } from './virtual-clock.ts';

const log = createLogger({ name: 'test', level: 'silent' });
export const SYMBOL = 'XRP/ETH';

/** A process of risk, as far as it flattens. */
export interface FlattenProcess {
  readonly states: TradingStates;
  readonly flattener: Flattener;
}

/** Processes of risk that share a record in memory, and the end of their orders. 500 XRP are at the venue. */
export class FlattenStack {
  readonly clock = virtualClock();
  readonly record = new MemoryExecutionStore();
  readonly decisions: (RecordedDecision | undefined)[] = [];
  /** Decision IDs of the approvals that were published. */
  readonly published: string[] = [];
  readonly market = new MarketView(settings.symbols);
  /** The account cannot be read; no trading state can be saved. */
  down = false;
  refusesStates = false;
  #running = new AbortController();

  /** Starts a process. */
  async start(): Promise<FlattenProcess> {
    const { clock, market, record } = this;
    market.onInstruments(new Map([[SYMBOL, xrpEth]]));
    await record.openLedger(new Map([['XRP', parseDecimal('500')]]));
    if (record.comparedAt.size === 0) await this.compareBalances();
    const store = this.#store();
    const states = new TradingStates({ store, clock, log });
    const metrics = createRiskMetrics(new Registry());
    const tradingStates = () => states.sources;
    const shared = { settings, release: 'r', digest: sha256, market, tradingStates, store, metrics, clock, log };
    const flattener = createFlattener({ ...shared, states, service: createRiskService(shared) });
    await states.load();
    void states.run(this.#running.signal);
    void flattener.run(this.#running.signal);
    await clock.advance(1);
    return { states, flattener };
  }

  /** Ends every process. */
  async stop(): Promise<void> {
    this.#running.abort();
    this.#running = new AbortController();
    await this.clock.advance(1);
  }

  /** Lets seconds pass, and re-reads the record as the service does. */
  async pass(seconds: number, { states }: Pick<FlattenProcess, 'states'>, live = true): Promise<void> {
    for (let second = 0; second < seconds; second += 1) {
      if (live) this.#quote();
      if (!this.down) await states.load();
      await this.clock.advance(1_000);
    }
  }

  hold(strategy: string, quantity: string): void {
    this.record.positions.set(`${strategy} ${SYMBOL}`, { ...FLAT, quantity: parseDecimal(quantity) });
  }

  async compareBalances(): Promise<void> {
    await this.record.recordVenueBalances(new Map([['XRP', parseDecimal('500')]]), this.clock.nowMs());
  }

  /** Ends the order of every approval that has none, as execution and the venue do: filled, or not. */
  execute(filled = true): void {
    const { approvals, orders, positions } = this.record;
    for (const order of approvals) {
      if ([...orders.values()].some(({ decisionId }) => decisionId === order.decisionId)) continue;
      const intent = intendedOrder({ order, instrument: undefined, epoch: 1, intendedAtMs: 1 });
      const kind = filled ? ('Filled' as const) : ('Cancelled' as const);
      const state = { kind, venueOrderId: 'v', filled: filled ? order.quantity : ZERO };
      orders.set(order.clientOrderId, { ...intent, state });
      const key = `${order.strategy} ${SYMBOL}`;
      const position = positions.get(key) ?? FLAT;
      if (filled) positions.set(key, { ...position, quantity: subtract(position.quantity, order.quantity) });
    }
  }

  /** Newest row of a source, as state, author and revision. */
  recorded(source = 'flatten'): string | undefined {
    const row = this.record.states.get(source);
    return row === undefined ? undefined : `${row.state} ${row.author} ${row.revision}`;
  }

  #store(): Pick<RiskStore, 'readAccount' | 'decideOnce' | 'publish' | 'readTradingStates' | 'setTradingState'> {
    const risk = new MemoryRiskStore(this.record, (_id, decision) => this.decisions.push(decision));
    return {
      readAccount: async (nowMs) => {
        if (this.down) throw new Error('Postgres is unavailable');
        return await risk.readAccount(nowMs);
      },
      decideOnce: risk.decideOnce,
      publish: async ({ decisionId }) => {
        this.published.push(decisionId);
        return await Promise.resolve({ kind: 'ok', id: '1-0' });
      },
      readTradingStates: risk.readTradingStates,
      setTradingState: async (command) => {
        if (this.refusesStates) throw new Error('Postgres is unavailable');
        await risk.setTradingState(command);
      },
    };
  }

  #quote(): void {
    const at = this.clock.nowMs();
    const feed = { producer: 'ws', seq: 1, symbol: SYMBOL, time: at, receivedAt: at };
    const sides = { version: '1', bids: [['0.0014', '9']], asks: [['0.001401', '9']] };
    this.market.onBook(bookMessage.parse({ ...feed, ...sides }));
    this.market.onTrade(tradeMessage.parse({ ...feed, price: '0.0014', quantity: '1', takerSide: 'buy' }));
  }
}
