import { ALL_READ, type UnreadSignals } from '../../services/risk/core/stances/unread-signals.ts';
import type { UnreadAccountRow } from '../../services/risk/core/unread-rows.ts';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { intendedOrder, type ApprovedOrder } from '../../services/execution/core/order-record.ts';
import { MemoryExecutionStore } from '../../services/execution/store/memory/memory-execution-store.ts';
import { MemoryRiskStore } from '../../services/replay/memory-risk-store.ts';
import type { Activation } from '../../services/risk/activation/activation.ts';
import { createBreakerWatch, type BreakerWatch } from '../../services/risk/breakers/breaker-watch.ts';
import { createEntryWorker } from '../../services/risk/entry-worker.ts';
import { createExitWorker, type ExitWorker } from '../../services/risk/exit-worker.ts';
import { createRiskMetrics } from '../../services/risk/metrics.ts';
import type { RecordedDecision } from '../../services/risk/core/rulings.ts';
import type { RiskStore } from '../../services/risk/ports.ts';
import { createRiskService, type RiskService } from '../../services/risk/service.ts';
import { bookMessage } from '../../services/shared/contracts/messages/book.ts';
import { tradeMessage } from '../../services/shared/contracts/messages/trade.ts';
import { signalMessage } from '../../services/shared/contracts/messages/signal.ts';
import type { DecisionScope } from '../../services/shared/domain/release/active-release.ts';
import { add, formatDecimal, parseDecimal, ZERO, type Decimal } from '../../services/shared/domain/decimal.ts';
import type { LiveState, OrderState } from '../../services/shared/domain/orders/order.ts';
import { applyFill, FLAT } from '../../services/shared/domain/position.ts';
import { MarketView } from '../../services/shared/market/market-view.ts';
import { sha256 } from '../../services/shared/runtime/sha256.ts';
import { TradingStates } from '../../services/shared/trading-state/trading-states.ts';
import { approvedOrder } from '../fixtures/approved-orders.ts';
import { riskTestSettings } from '../fixtures/risk-settings.ts';
import { xrpEth } from '../fixtures/risk-state.ts';
import { virtualClock } from './virtual-clock.ts';

export const SYMBOL = 'XRP/ETH';
const BALANCES: ReadonlyMap<string, Decimal> = new Map([
  ['XRP', parseDecimal('500')],
  ['ETH', parseDecimal('1')],
]);

/** A process of risk: its service, its workers of exits and of entries, and its watch of breakers. */
export interface RiskProcess {
  readonly states: TradingStates;
  readonly service: RiskService;
  readonly exits: ExitWorker;
  readonly breakers: BreakerWatch;
  readonly metrics: Registry;
  /** Ends this process alone. */
  readonly end: () => Promise<void>;
}

interface LogLine {
  readonly msg: string;
  readonly strategy?: string;
}

/** Processes of risk that share a record in memory, and the end of their orders. 500 XRP and 1 ETH are at the venue. */
export class ExitStack {
  readonly clock = virtualClock();
  readonly record = new MemoryExecutionStore();
  readonly decisions: (RecordedDecision | undefined)[] = [];
  /** Decision IDs of the approvals that were published. */
  readonly published: string[] = [];
  readonly market: MarketView;
  /** Lines of the log. */
  readonly logged: LogLine[] = [];
  /** Rows that looks at the account cannot read. */
  unread: readonly UnreadAccountRow[] = [];
  /** The account cannot be read; no trading state can be saved. */
  down = false;
  refusesStates = false;
  /** Pairs with signals in Redis that have not been read. */
  unreadSignals: UnreadSignals = ALL_READ;
  /** What the venue has free of an asset, where that is not all. */
  readonly free = new Map<string, Decimal>();
  /** What the venue has of other assets. */
  readonly alsoAtVenue = new Map<string, Decimal>();
  /** Another process decides every exit first. */
  outrun = false;
  /** Called before an exit, or an entry of the worker, is decided. */
  beforeExit = (): void => {};
  beforeEntry = (): void => {};
  /** Strategy of the signals. */
  strategy = 'trend';
  /** No cancellation can be requested. */
  cancelsLocked = false;
  /** What became of exits cannot be read. */
  rejectionsLocked = false;
  /** Strategies whose exits cannot be decided. */
  readonly undecidable = new Set<string>();
  /** The row of a stop is locked: a trigger cannot be stored. */
  stopLocked = false;
  /** Another process stores every equity first. */
  equityOutrun = false;
  /** Writes of a highest price. */
  raises = 0;
  settings = riskTestSettings;
  /** What the processes believe that they may decide. */
  scope: DecisionScope = 'All';
  /** Whether it decided at an earlier monotonic time. */
  decidedAt: Activation['decidedAt'] = () => true;
  /** Whether the active release was heard after a monotonic time. */
  heardSince: Activation['heardSince'] = () => true;
  readonly #workers = new Set<Pick<ExitWorker, 'onBook'>>();
  #running = new AbortController();
  #version = 1;
  readonly risk = new MemoryRiskStore(this.record, (_question, ruling) =>
    this.decisions.push(ruling.kind === 'Decided' ? ruling.decision : undefined),
  );

  constructor(symbols: readonly string[] = riskTestSettings.symbols) {
    this.market = new MarketView(symbols);
  }

  /** Starts a process. `scope` is what it believes that it may decide. */
  async start(scope: () => DecisionScope = () => this.scope): Promise<RiskProcess> {
    const { clock, market, record, logged, settings } = this;
    const log = pino({ level: 'info' }, { write: (line: string) => void logged.push(JSON.parse(line) as LogLine) });
    market.onInstruments(new Map([[SYMBOL, xrpEth]]));
    await record.openLedger(new Map([...BALANCES, ...this.alsoAtVenue]));
    if (record.comparedAt.size === 0) await this.compareBalances();
    const store = this.#store();
    const states = new TradingStates({ store, clock, log });
    const registry = new Registry();
    const metrics = createRiskMetrics(registry);
    const tradingStates = () => states.sources;
    const shared = { settings, release: 'test', digest: sha256, market, tradingStates, store, metrics, clock, log };
    const service = createRiskService(shared);
    const onExit: RiskService['onExit'] = async (signal) => {
      this.beforeExit();
      if (this.undecidable.has(signal.strategy)) throw new Error('canceling statement due to lock timeout');
      return this.outrun ? { kind: 'NoAction', reason: 'NotLeaving' } : await service.onExit(signal);
    };
    const exits = createExitWorker({
      ...shared,
      states,
      service: { onExit },
      scope,
      decidedAt: (atMs) => this.decidedAt(atMs),
      heardSince: (atMs) => this.heardSince(atMs),
      unreadSignals: () => this.unreadSignals,
    });
    const breakers = createBreakerWatch({ ...shared, scope, states });
    this.#workers.add(exits).add(breakers);
    const ending = new AbortController();
    const running = AbortSignal.any([this.#running.signal, ending.signal]);
    await states.load();
    void states.run(running);
    void exits.run(running);
    const onEntry: RiskService['onEntry'] = async (signal) => {
      this.beforeEntry();
      return await service.onEntry(signal);
    };
    const entries = createEntryWorker({
      ...shared,
      service: { onEntry },
      scope,
      unreadSignals: () => this.unreadSignals,
    });
    void entries.run(running);
    void breakers.run(running);
    await clock.advance(1);
    const end = async () => {
      ending.abort();
      for (const worker of [exits, breakers]) this.#workers.delete(worker);
      await clock.advance(1);
    };
    return { states, service, exits, breakers, metrics: registry, end };
  }

  /** Ends every process. */
  async stop(): Promise<void> {
    this.#running.abort();
    this.#workers.clear();
    this.#running = new AbortController();
    await this.clock.advance(1);
  }

  /** Lets seconds pass, and re-reads the record as the service does. */
  async pass(seconds: number, { states }: Pick<RiskProcess, 'states'>, live = true): Promise<void> {
    for (let second = 0; second < seconds; second += 1) {
      if (live) this.quote();
      if (!this.down) await states.load();
      await this.clock.advance(1_000);
    }
  }

  hold(strategy: string, quantity: string, cost = '0'): void {
    const position = { ...FLAT, quantity: parseDecimal(quantity), cost: parseDecimal(cost) };
    this.record.positions.set(`${strategy} ${SYMBOL}`, position);
  }

  /** Places a bid, by default of another strategy at the best price of the book. Returns what ends it. */
  restBid(change: Partial<ApprovedOrder> = {}, kind: LiveState['kind'] = 'Open'): () => void {
    const terms = { strategy: 'maker', type: 'LIMIT', price: parseDecimal('0.0014') } as const;
    const order = approvedOrder('bid', { ...terms, ...change });
    const intent = intendedOrder({ order, instrument: undefined, epoch: 1, intendedAtMs: 1 });
    const set = (state: OrderState): void => {
      this.record.orders.set(order.clientOrderId, { ...intent, state });
    };
    const known = { venueOrderId: 'v', filled: ZERO };
    set({ kind, sinceMs: 0, ...known });
    return () => set({ kind: 'Cancelled', ...known });
  }

  /** Makes an order of the newest approval that has filled so much and rests. Returns what ends it. */
  openSale(filled: string): () => void {
    const order = this.record.approvals.at(-1);
    if (order === undefined) throw new Error('nothing was approved');
    const intent = intendedOrder({ order, instrument: undefined, epoch: 1, intendedAtMs: this.clock.nowMs() });
    const known = { venueOrderId: 'v', filled: parseDecimal(filled) };
    const set = (state: OrderState): void => {
      this.record.orders.set(order.clientOrderId, { ...intent, filled: known.filled, state });
    };
    set({ kind: 'PartiallyFilled', ...known });
    return () => set({ kind: 'Cancelled', ...known });
  }

  async compareBalances(): Promise<void> {
    const reported = [...BALANCES, ...this.alsoAtVenue].map(
      ([asset, total]) => [asset, { total, free: this.free.get(asset) ?? total }] as const,
    );
    await this.record.recordVenueBalances(new Map(reported), this.clock.nowMs(), []);
  }

  /** Ends the order of every approval that has none, as execution and the venue do: filled, in part, or not. */
  execute(filledPercent = 100n): void {
    const { approvals, orders, positions } = this.record;
    for (const order of approvals) {
      if ([...orders.values()].some(({ decisionId }) => decisionId === order.decisionId)) continue;
      const intent = intendedOrder({ order, instrument: undefined, epoch: 1, intendedAtMs: 1 });
      const filled = ((order.quantity * filledPercent) / 100n) as Decimal;
      const state = { kind: filled === order.quantity ? 'Filled' : 'Cancelled', venueOrderId: 'v', filled } as const;
      orders.set(order.clientOrderId, { ...intent, state });
      const key = `${order.strategy} ${SYMBOL}`;
      const { side, price } = order;
      const trade = { venueTradeId: 't', venueOrderId: 'v', clientOrderId: 'c', maker: false, time: 0 };
      const fill = { ...trade, symbol: SYMBOL, side, price, quantity: filled, fee: ZERO, feeAsset: 'ETH' };
      positions.set(key, applyFill(positions.get(key) ?? FLAT, fill));
    }
  }

  /** Ends the order of every approval that has none with a rejection of the venue. */
  reject(code: string): void {
    this.#end({ kind: 'Rejected', code });
  }

  /** Ends the order of every approval that has none without sending it. */
  neverSend(reason: string): void {
    this.#end({ kind: 'NeverSent', reason });
  }

  #end(state: OrderState): void {
    const { approvals, orders } = this.record;
    for (const order of approvals) {
      if (orders.has(order.clientOrderId)) continue;
      const intent = intendedOrder({ order, instrument: undefined, epoch: 1, intendedAtMs: this.clock.nowMs() });
      orders.set(order.clientOrderId, { ...intent, state });
    }
  }

  /** Delivers a signal whose bar has just closed to a process, as the consumer does. */
  async signal(
    stance: 'Long' | 'Flat',
    { service }: Pick<RiskProcess, 'service'>,
    ageMs = 0,
    changedAt?: number,
  ): Promise<void> {
    const barClose = this.clock.nowMs() - ageMs;
    const { strategy } = this;
    const id = `${strategy}:${SYMBOL}:${barClose}`;
    const changed = changedAt ?? barClose;
    const bar = { strategy, symbol: SYMBOL, stance, changedAt: changed, barClose, release: 'r' };
    await service.onSignals([signalMessage.parse({ id, ...bar, referencePrice: '1' })]);
  }

  /** Delivers a signal that buys, and returns what became of it. */
  async enter(risk: Pick<RiskProcess, 'service'>): Promise<string | undefined> {
    await this.signal('Flat', risk);
    await this.clock.advance(1);
    await this.signal('Long', risk);
    return this.decisions.at(-1)?.code;
  }

  /** Lets seconds pass, with a new book of each of these pairs at its bid each second. */
  async trade(seconds: number, { states }: Pick<RiskProcess, 'states'>, bids: Readonly<Record<string, string>>) {
    for (let second = 0; second < seconds; second += 1) {
      this.#version += 1;
      for (const [symbol, bid] of Object.entries(bids)) this.quote(bid, String(this.#version), symbol);
      await states.load();
      await this.clock.advance(1_000);
    }
  }

  /** Quantity that the strategy trend holds. */
  held(): string {
    return formatDecimal(this.record.positions.get(`trend ${SYMBOL}`)?.quantity ?? ZERO);
  }

  /** Newest row of a source, as state, author and revision. */
  recorded(source = 'flatten'): string | undefined {
    const row = this.record.states.get(source);
    return row === undefined ? undefined : `${row.state} ${row.author} ${row.revision}`;
  }

  #store(): Omit<RiskStore, 'readInstruments'> {
    const { risk } = this;
    const { beginStop, changeStopRules, raiseStop, triggerStop, endStop } = risk;
    const { saveEquity, tripBreaker, leaveBreaker, finishReset } = risk;
    return {
      requestCancels: async (nowMs, wanted) => {
        if (this.cancelsLocked) throw new Error('canceling statement due to lock timeout');
        await risk.requestCancels(nowMs, wanted);
      },
      beginStop,
      changeStopRules,
      raiseStop: async (key, highPrice) => {
        this.raises += 1;
        await raiseStop(key, highPrice);
      },
      triggerStop: async (record) => {
        if (this.stopLocked) throw new Error('canceling statement due to lock timeout');
        return await triggerStop(record);
      },
      endStop,
      saveEquity: async (record) => (this.equityOutrun ? false : await saveEquity(record)),
      tripBreaker,
      leaveBreaker,
      finishReset,
      readAccount: async (nowMs) => {
        if (this.down) throw new Error('Postgres is unavailable');
        return { ...(await risk.readAccount(nowMs)), unread: this.unread };
      },
      refusedOrders: async (ids) => {
        if (this.rejectionsLocked) throw new Error('canceling statement due to lock timeout');
        return await risk.refusedOrders(ids);
      },
      decideAll: risk.decideAll,
      observeRelease: risk.observeRelease,
      renewRelease: risk.renewRelease,
      activateRelease: risk.activateRelease,
      publish: async (orders) => {
        this.published.push(...orders.map(({ decisionId }) => decisionId));
        return await Promise.resolve(orders.map(() => ({ kind: 'ok', id: '1-0' })));
      },
      readTradingStates: risk.readTradingStates,
      setTradingState: async (command) => {
        if (this.refusesStates) throw new Error('Postgres is unavailable');
        return await risk.setTradingState(command);
      },
    };
  }

  /** Publishes a book and a trade of now. The same version is the same book, confirmed by the venue. */
  quote(bid = '0.0014', version = '1', symbol = SYMBOL): void {
    const at = this.clock.nowMs();
    const feed = { producer: 'ws', seq: 1, symbol, time: at, receivedAt: at };
    const ask = formatDecimal(add(parseDecimal(bid), parseDecimal('0.000001')));
    const book = bookMessage.parse({ ...feed, version, bids: [[bid, '9']], asks: [[ask, '9']] });
    this.market.onBook(book);
    for (const { onBook } of this.#workers) onBook(book);
    this.market.onTrade(tradeMessage.parse({ ...feed, price: '0.0014', quantity: '1', takerSide: 'buy' }));
  }
}
