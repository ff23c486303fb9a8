import type { ExecutionStore, RefusedManualTrade, Transfer } from '../../ports.ts';
import { UnprocessableError } from '../../../shared/domain/unprocessable-error.ts';
import { manualEffects, type KnownNames, type ManualTrade } from '../../core/reconcile/manual-trade.ts';
import type { Observation } from '../../core/observation.ts';
import { observe, type OrderEvent } from '../../core/order-decider.ts';
import { effectsOf } from '../../core/order-effects.ts';
import type { ApprovedOrder, OrderRecord } from '../../core/order-record.ts';
import type { RecordIdentity } from '../../core/record-identity.ts';
import type { Fence } from '../../core/role.ts';
import type { ObservedRelease } from '../../../shared/domain/release/active-release.ts';
import { subtract, ZERO, type Decimal } from '../../../shared/domain/decimal.ts';
import { tradeKeyOf, type Fill } from '../../../shared/domain/orders/fill.ts';
import { transferOf } from '../../../shared/domain/ledger.ts';
import { FLAT } from '../../../shared/domain/position.ts';
import {
  allowsOrder,
  mostRestrictive,
  isNewer,
  type SourceState,
  type TradingState,
} from '../../../shared/domain/trading-state.ts';
import type { VenueHealth } from '../../../shared/domain/venue-health.ts';
import { CancelTable } from './cancel-table.ts';
import { DeadLetterTable } from './dead-letter-table.ts';
import { entryRefusal } from './entry-refusal.ts';
import { FenceTable } from './fence-table.ts';
import { FillTable } from './fill-table.ts';
import { FillsReadTable, isHeldBy } from './fills-read-table.ts';
import { addTo, LedgerTable } from './ledger-table.ts';
import { OrderTable } from './order-table.ts';
import { PositionTable } from './position-table.ts';

/** A commit: an intent, or one of the events that followed from an observation. `order` is the resulting order. */
export interface Committed {
  readonly order: OrderRecord;
  readonly event: OrderEvent | { readonly kind: 'Intent' };
}

/**
 * The record of one stack in memory, with the guarantees of the one in Postgres: atomic changes, unique decisions and
 * trades, the fence.
 */
export class MemoryExecutionStore implements ExecutionStore {
  readonly fences = new FenceTable();
  identity: RecordIdentity = { systemId: 'memory', timeline: 1, commits: 0 };
  /** Newest trading state of each source. */
  readonly states = new Map<string, SourceState>();
  readonly approvals: ApprovedOrder[] = [];
  readonly orders = new OrderTable();
  readonly cancels = new CancelTable(() => [
    ...this.orders.live().map(({ request }) => request.clientOrderId),
    ...this.waiting().map(({ clientOrderId }) => clientOrderId),
  ]);
  readonly fills = new FillTable();
  readonly fillsReadTo = new FillsReadTable();
  readonly positions = new PositionTable();
  readonly #ledger = new LedgerTable();
  readonly postings = this.#ledger.postings;
  readonly feesPaid = this.#ledger.feesPaid;
  /** The release of risk that decides, which risk writes; undefined without one. */
  activeRelease: ObservedRelease | undefined = { epoch: 1, release: 'test', isStale: false };
  /** When each foreign order was first seen, by the venue's order ID. UTC milliseconds. */
  readonly quarantined = new Map<string, number>();
  /** Client order IDs of the orders whose rows cannot be read. */
  readonly malformed = new Set<string>();
  /** Decision IDs of the approvals that cannot be parsed. */
  readonly malformedApprovals = new Set<string>();
  /** Letters that are not cleared, by kind and ID. */
  readonly #letters = new DeadLetterTable();
  readonly deadLetters = this.#letters.open;
  /** When the venue's balances were last compared with the ledger, per asset. UTC milliseconds. */
  readonly comparedAt = new Map<string, number>();
  /** What the venue reported as free then, per asset. */
  readonly venueFree = new Map<string, Decimal>();
  /** Assets that drifted then. */
  drifting: ReadonlySet<string> = new Set();
  /** When the venue last rejected a sale of a position for lack of funds, until a fill. UTC milliseconds. */
  readonly exitRefusedAt = new Map<string, number>();
  /** What the sender of an epoch recorded of the venue, and when. UTC milliseconds. */
  venueHealth: { readonly epoch: number; readonly health: VenueHealth; readonly atMs: number } | undefined;
  /** Time and symbol of each snapshot. */
  readonly snapshots = new Set<string>();
  /** Transfers that are not booked. */
  readonly transfers: Transfer[] = [];
  /** Trades by hand that are not booked. */
  readonly manualTrades: ManualTrade[] = [];
  /** The number of the trade by hand at which the last call ended. */
  #lastTried = 0;
  /** Sums of the transfers that are booked, by asset. */
  readonly bookedTransfers = new Map<string, Decimal>();
  readonly #onCommit: (committed: Committed) => void;
  /** Number of approvals at the beginning that all have an order, so that none of them is looked at again. */
  #settled = 0;
  #opened = false;

  /** `onCommit` is called for every commit, in order. */
  constructor(onCommit: (committed: Committed) => void = () => {}) {
    this.#onCommit = onCommit;
  }

  get fence(): Fence {
    return this.fences.fence;
  }

  set fence(fence: Fence) {
    this.fences.fence = fence;
  }

  readonly readFence: ExecutionStore['readFence'] = async () => await Promise.resolve(this.fence);

  readonly raiseFence: ExecutionStore['raiseFence'] = async (desired) =>
    await Promise.resolve(this.fences.raise(desired, this.identity));

  readonly recordIdentity: ExecutionStore['recordIdentity'] = async () => await Promise.resolve(this.identity);

  readonly releaseFence: ExecutionStore['releaseFence'] = async (held, compared) =>
    await Promise.resolve(this.fences.release(held, compared));

  readonly readTradingStates: ExecutionStore['readTradingStates'] = async () =>
    await Promise.resolve(this.tradingStates());

  readonly setTradingState: ExecutionStore['setTradingState'] = async (command) => {
    const known = this.states.get(command.source);
    if (known !== undefined && !isNewer(command, known)) return await Promise.resolve(known);
    this.states.set(command.source, { ...command, sinceMs: 0 });
    return undefined;
  };

  readonly commitIntent: ExecutionStore['commitIntent'] = async (terms, order) => {
    await Promise.resolve();
    if (!isHeldBy(this.fence, terms)) return 'Fenced';
    const state = mostRestrictive(this.tradingStates().map((one) => one.state));
    const allowed = order.state.kind !== 'Intended' || allowsOrder(state, order.request.side);
    if (state !== 'Active' && !allowed) return state;
    const record = { activeRelease: this.activeRelease, canary: this.fence.canary };
    const refusal = entryRefusal(order, terms, record);
    if (refusal !== undefined) return refusal;
    const { clientOrderId } = order.request;
    if (this.orders.has(clientOrderId) || this.orders.hasDecision(order.decisionId)) return 'Duplicate';
    this.orders.set(clientOrderId, order);
    this.identity = { ...this.identity, commits: this.identity.commits + 1 };
    this.#onCommit({ order, event: { kind: 'Intent' } });
    return 'Committed';
  };

  readonly recordObservation: ExecutionStore['recordObservation'] = async ({ key, observation, atMs }) => {
    await Promise.resolve();
    const order = this.#find(key.clientOrderId, key.venueOrderId);
    if (order === undefined) return undefined;
    // Atomic, like a transaction: everything that can fail comes before the first write.
    const { change, steps } = this.#processed(order, observation);
    this.orders.set(order.request.clientOrderId, change.order);
    for (const { event, write } of steps) {
      write?.();
      this.#noteRefusal(change.order, event, atMs);
      this.#onCommit({ order: change.order, event });
    }
    return change;
  };

  readonly loadOrders: ExecutionStore['loadOrders'] = async (ids) => {
    const live = this.orders.live();
    const named = [...new Set(ids)].flatMap((id) => this.orders.get(id) ?? []);
    const found = [...live, ...named.filter((order) => !live.includes(order))];
    const isMalformed = ({ request }: OrderRecord): boolean => this.malformed.has(request.clientOrderId);
    const apart = found.filter(isMalformed).map((row) => ({ ...row.request, ...row, row, problem: 'malformed' }));
    return await Promise.resolve({ orders: found.filter((order) => !isMalformed(order)), malformed: apart });
  };

  readonly cancelRequests: ExecutionStore['cancelRequests'] = async () => await Promise.resolve(this.cancels.ids());

  readonly keepDeadLetter = this.#letters.keep;
  readonly clearDeadLetter = this.#letters.clear;
  readonly clearByHand = this.#letters.clearByHand.bind(this.#letters);
  readonly clearedDeadLetters = this.#letters.cleared;
  readonly openDeadLetters = this.#letters.oldest;

  readonly findApproval: ExecutionStore['findApproval'] = async (id) =>
    (await this.openApprovals([])).orders.find(({ decisionId }) => decisionId === id);

  readonly findDecision: ExecutionStore['findDecision'] = async (id) => {
    const order = this.approvals.find(({ clientOrderId }) => clientOrderId === id);
    if (order === undefined) return await Promise.resolve(undefined);
    const { decisionId, strategy, deadline: deadlineMs, riskHash } = order;
    const approval = this.malformedApprovals.has(decisionId) ? undefined : order;
    return await Promise.resolve({ decisionId, strategy, deadlineMs, riskHash, approval });
  };

  readonly openApprovals: ExecutionStore['openApprovals'] = async (except) => {
    const waiting = this.waiting()
      .filter(({ decisionId }) => !except.includes(decisionId))
      .sort((a, b) => Number(a.side === 'buy') - Number(b.side === 'buy') || a.decidedAt - b.decidedAt);
    const malformed = waiting.filter(({ decisionId }) => this.malformedApprovals.has(decisionId));
    return await Promise.resolve({
      orders: waiting.filter((order) => !malformed.includes(order)),
      malformed: malformed.map((payload) => ({ decisionId: payload.decisionId, problem: 'malformed', payload })),
    });
  };

  readonly fillWatermark: ExecutionStore['fillWatermark'] = async (symbol) => {
    return await Promise.resolve(this.fills.newestMs(symbol));
  };

  readonly fillTimes: ExecutionStore['fillTimes'] = async (symbol, query) => {
    return await Promise.resolve(this.fills.times(symbol, query));
  };

  readonly recordedTrades: ExecutionStore['recordedTrades'] = async (symbol, ids) => {
    const recorded = ids.flatMap((id) => this.fills.ofTrade(symbol, id));
    return await Promise.resolve(new Set(recorded.map(tradeKeyOf)));
  };

  readonly recordedOrders: ExecutionStore['recordedOrders'] = async (ids) =>
    await Promise.resolve(new Set(ids.filter((id) => this.#find('', id) !== undefined)));

  readonly fillsRead: ExecutionStore['fillsRead'] = async (symbol) =>
    await Promise.resolve(this.fillsReadTo.read(symbol, this.identity));

  readonly recordFillsRead: ExecutionStore['recordFillsRead'] = async (held, read) =>
    await Promise.resolve(this.fillsReadTo.record(read, isHeldBy(this.fence, held), this.identity));

  readonly openLedger: ExecutionStore['openLedger'] = async (balances) => {
    await Promise.resolve();
    if (this.#opened) return false;
    const ledger = this.ledger();
    for (const asset of new Set([...balances.keys(), ...ledger.keys()])) {
      const missing = subtract(balances.get(asset) ?? ZERO, ledger.get(asset) ?? ZERO);
      this.#ledger.postingOf(transferOf(asset, missing))();
      this.#opened = true;
    }
    return this.#opened;
  };

  readonly bookTransfers: ExecutionStore['bookTransfers'] = async (assets) => {
    await Promise.resolve();
    const isKnown = ({ asset }: Transfer): boolean => assets.has(asset);
    const unbooked = [...this.transfers.filter(isKnown), ...this.transfers.filter((one) => !isKnown(one))];
    const transfers = unbooked.slice(0, 100);
    const booked = transfers.filter(isKnown);
    this.#ledger.postingOf(booked.flatMap(({ asset, amount }) => transferOf(asset, amount)))();
    for (const { asset, amount } of booked) addTo(this.bookedTransfers, asset, amount);
    this.transfers.splice(0, this.transfers.length, ...this.transfers.filter((one) => !booked.includes(one)));
    return { booked, waiting: transfers.filter((one) => !isKnown(one)) };
  };

  readonly bookManualTrades: ExecutionStore['bookManualTrades'] = async (known, apart) => {
    await Promise.resolve();
    const refused: RefusedManualTrade[] = [];
    const isTurn = ({ id }: ManualTrade): number => Number(Number(id) <= this.#lastTried);
    const tried = this.manualTrades.toSorted((a, b) => isTurn(a) - isTurn(b)).slice(0, 1_000);
    this.#lastTried = tried.length < 1_000 ? 0 : Number(tried.at(-1)?.id);
    const booked = tried.filter((trade) => {
      const problem = this.#bookByHand(trade, known);
      if (problem !== undefined) refused.push({ trade, problem });
      return problem === undefined;
    });
    const unbooked = this.manualTrades.filter((trade) => !booked.includes(trade));
    this.manualTrades.splice(0, this.manualTrades.length, ...unbooked);
    const waiting = unbooked.filter((trade) => apart.has(trade.id) && !tried.includes(trade));
    return { booked, refused, waiting: waiting.map(({ id }) => id) };
  };

  readonly readLedger: ExecutionStore['readLedger'] = async () => await Promise.resolve(this.ledger());

  readonly driftingAssets: ExecutionStore['driftingAssets'] = async () => await Promise.resolve(this.drifting);

  readonly recordVenueBalances: ExecutionStore['recordVenueBalances'] = async (balances, atMs, drifting) => {
    // An asset that the venue no longer reports is compared with zero, as long as the record has it.
    const assets = [...balances.keys(), ...drifting, ...this.#ledger.assets(), ...this.comparedAt.keys()];
    const isUnread = (asset: string): boolean => balances.has(asset) && balances.get(asset) === undefined;
    for (const asset of new Set(assets)) {
      if (isUnread(asset)) continue;
      this.comparedAt.set(asset, atMs);
      this.venueFree.set(asset, balances.get(asset)?.free ?? ZERO);
    }
    this.drifting = new Set([...drifting, ...[...this.drifting].filter(isUnread)]);
    await Promise.resolve();
  };

  readonly insertQuarantine: ExecutionStore['insertQuarantine'] = async ({ venueOrderId }, atMs) => {
    const known = this.quarantined.get(venueOrderId);
    const seenMs = known ?? atMs;
    this.quarantined.set(venueOrderId, seenMs);
    return await Promise.resolve({ isNew: known === undefined, seenMs });
  };

  readonly recordVenueHealth: ExecutionStore['recordVenueHealth'] = async (epoch, health, atMs) => {
    if ((this.venueHealth?.epoch ?? 0) <= epoch) this.venueHealth = { epoch, health, atMs };
    await Promise.resolve();
  };

  readonly heldSymbols: ExecutionStore['heldSymbols'] = async () => {
    const held = this.positions.bySymbol().filter(({ quantity }) => quantity !== ZERO);
    return await Promise.resolve(new Set(held.map(({ symbol }) => symbol)));
  };

  readonly loadPortfolio: ExecutionStore['loadPortfolio'] = async () => {
    const counts = { orders: this.orders.size, fills: this.fills.all.length };
    const positions = this.positions.bySymbol();
    return await Promise.resolve({ ...counts, positions, thirdAssetFees: new Map(this.#ledger.thirdAssetFees) });
  };

  readonly insertSnapshots: ExecutionStore['insertSnapshots'] = async (atMs, valuations) => {
    for (const { symbol } of valuations) this.snapshots.add(`${atMs} ${symbol}`);
    await Promise.resolve();
  };

  /** Returns the approvals without an order, in the order of their commits. */
  waiting(): readonly ApprovedOrder[] {
    const hasOrder = (index: number): boolean => {
      const approval = this.approvals[index];
      return approval !== undefined && this.orders.hasDecision(approval.decisionId);
    };
    // A test may have removed orders since.
    if (!hasOrder(this.#settled - 1)) this.#settled = 0;
    while (hasOrder(this.#settled)) this.#settled += 1;
    return this.approvals.slice(this.#settled).filter(({ decisionId }) => !this.orders.hasDecision(decisionId));
  }

  tradingStates(): readonly SourceState[] {
    return [...this.states.values()].toSorted((a, b) => (a.source < b.source ? -1 : 1));
  }

  /** Records a row of a person: it counts whatever the source asked for before. */
  restrict(source: string, state: TradingState): void {
    const revision = this.states.get(source)?.revision ?? 0;
    this.states.set(source, { source, state, author: '', reason: '', revision, sinceMs: 0 });
  }

  /** Returns the balances at the venue according to the ledger; assets at zero are left out. */
  ledger(): ReadonlyMap<string, Decimal> {
    return this.#ledger.balances();
  }

  /** An observation adds at most one fill, so no position is computed from one that another event replaces. */
  #processed(order: OrderRecord, observation: Observation) {
    try {
      if (this.malformed.has(order.request.clientOrderId)) throw new Error('the row of the order is malformed');
      const change = observe(order, observation);
      const steps = change.events.map((event) => ({
        event,
        write: event.kind === 'FillAdded' ? this.#bookingOf(order, event.fill) : undefined,
      }));
      return { change, steps };
    } catch (error) {
      throw new UnprocessableError(error);
    }
  }

  #find(clientOrderId: string, venueOrderId: string): OrderRecord | undefined {
    if (clientOrderId !== '') return this.orders.get(clientOrderId);
    return [...this.orders.values()].find(
      ({ state }) => 'venueOrderId' in state && state.venueOrderId === venueOrderId,
    );
  }

  /** Fills are unique by symbol, the venue's trade ID and our order, as in Postgres. */
  #requireNew({ request }: OrderRecord, { symbol, venueTradeId }: Fill): void {
    const { clientOrderId } = request;
    if (this.fills.ofTrade(symbol, venueTradeId).some((fill) => fill.clientOrderId === clientOrderId))
      throw new Error(`trade ${venueTradeId} of ${symbol} is already recorded for the order`);
  }

  /** Returns the write of a fill, which cannot fail. Throws when the fill cannot be booked. */
  #bookingOf(order: OrderRecord, fill: Fill): () => void {
    this.#requireNew(order, fill);
    const key = `${order.strategy} ${fill.symbol}`;
    const { position, postings } = effectsOf(fill, this.positions.get(key) ?? FLAT);
    const post = this.#ledger.postingOf(postings);
    return () => {
      this.fills.add({ ...fill, clientOrderId: order.request.clientOrderId });
      this.positions.set(key, position);
      this.exitRefusedAt.delete(key);
      post();
    };
  }

  /** Books a trade by hand, or returns why it cannot be booked. */
  #bookByHand(trade: ManualTrade, known: KnownNames): string | undefined {
    const key = `${trade.strategy} ${trade.symbol}`;
    try {
      const effects = manualEffects(trade, this.positions.get(key), known);
      if ('problem' in effects) return effects.problem;
      this.#ledger.postingOf(effects.postings)();
      this.positions.set(key, effects.position);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  #noteRefusal({ strategy, request }: OrderRecord, event: OrderEvent, atMs: number): void {
    const key = `${strategy} ${request.symbol}`;
    const lacksFunds = event.kind === 'Moved' && event.lacksFunds === true;
    if (lacksFunds && request.side === 'sell' && this.positions.has(key)) this.exitRefusedAt.set(key, atMs);
  }
}
