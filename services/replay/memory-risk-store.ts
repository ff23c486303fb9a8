import type { ApprovedOrder, OrderRecord } from '../execution/core/order-record.ts';
import type { Account } from '../risk/core/account.ts';
import type { RefusedOrder } from '../risk/core/exits/attempts.ts';
import type { SenderCanary } from '../risk/core/canary/sender-canary.ts';
import { attemptsOf, type EntryAttempts } from '../risk/core/entries/entry-attempts.ts';
import type { Ruling } from '../risk/core/rulings.ts';
import type { EntryOf } from '../risk/core/stops/stop-record.ts';
import type { WantedStance } from '../risk/core/stances/wanted-stance.ts';
import type { Moment, Outcome, RiskStore, Subject, TriggeredRecord } from '../risk/ports.ts';
import { approvedOrderDocument, type ApprovedOrderPayload } from '../shared/contracts/messages/approved-order.ts';
import {
  decisionScope,
  NOT_ACTIVE,
  SILENT_MS,
  type ActiveRelease,
  type ObservedRelease,
} from '../shared/domain/release/active-release.ts';
import { APPROVAL_GRACE_MS, approve } from '../shared/domain/orders/approved.ts';
import { add, maximum, ZERO, type Decimal } from '../shared/domain/decimal.ts';
import { notionalOf } from '../shared/domain/instrument.ts';
import { isTerminal } from '../shared/domain/orders/order.ts';
import { MemoryBreakers, type OnBreaker } from './memory-breakers.ts';
import { MemoryStops } from './memory-stops.ts';
import type { MemoryExecutionStore } from '../execution/store/memory/memory-execution-store.ts';

export interface MemoryRiskOptions {
  readonly onTrigger?: (record: TriggeredRecord) => void;
  readonly onBreaker?: OnBreaker;
  readonly onActivated?: (active: ActiveRelease) => void;
  readonly nowMs?: () => number;
}

/**
 * In-memory store of risk over the record that it shares with execution. Decides each signal once, on the account at
 * that time.
 */
export class MemoryRiskStore implements Pick<
  RiskStore,
  | 'decideAll'
  | 'observeRelease'
  | 'renewRelease'
  | 'activateRelease'
  | 'readAccount'
  | 'refusedOrders'
  | 'readTradingStates'
  | 'setTradingState'
  | 'beginStop'
  | 'changeStopRules'
  | 'raiseStop'
  | 'triggerStop'
  | 'endStop'
  | 'saveEquity'
  | 'tripBreaker'
  | 'leaveBreaker'
  | 'finishReset'
> {
  readonly #record: MemoryExecutionStore;
  readonly #nowMs: () => number;
  readonly #onActivated: (active: ActiveRelease) => void;
  /** When a process of the active release was heard last. */
  #heardAtMs: number;
  #activatedAtMs: number;
  readonly #onRuling: (subject: Subject, ruling: Ruling) => void;
  readonly #decided = new Map<string, ApprovedOrderPayload | undefined>();
  readonly #stances = new Map<string, WantedStance>();
  readonly #entries = new Map<string, EntryAttempts>();
  readonly stops: MemoryStops;
  readonly beginStop: RiskStore['beginStop'];
  readonly changeStopRules: RiskStore['changeStopRules'];
  readonly raiseStop: RiskStore['raiseStop'];
  readonly triggerStop: RiskStore['triggerStop'];
  readonly endStop: RiskStore['endStop'];
  readonly breakers: MemoryBreakers;
  readonly saveEquity: RiskStore['saveEquity'];
  readonly tripBreaker: RiskStore['tripBreaker'];
  readonly leaveBreaker: RiskStore['leaveBreaker'];
  readonly finishReset: RiskStore['finishReset'];

  /**
   * `onRuling` receives every ruling, also those that are not recorded; `onTrigger` each stop that triggers;
   * `onBreaker` each breaker that trips or leaves; `onActivated` each release that becomes the active one. Without
   * `nowMs`, no time passes in which a release is silent.
   */
  constructor(
    record: MemoryExecutionStore,
    onRuling: (subject: Subject, ruling: Ruling) => void,
    { onTrigger = () => {}, onBreaker = () => {}, onActivated = () => {}, nowMs = () => 0 }: MemoryRiskOptions = {},
  ) {
    this.#onActivated = onActivated;
    this.#nowMs = nowMs;
    this.#heardAtMs = nowMs();
    this.#activatedAtMs = nowMs();
    this.breakers = new MemoryBreakers(onBreaker);
    ({
      saveEquity: this.saveEquity,
      tripBreaker: this.tripBreaker,
      leaveBreaker: this.leaveBreaker,
      finishReset: this.finishReset,
    } = this.breakers);
    this.stops = new MemoryStops(onTrigger);
    ({
      beginStop: this.beginStop,
      changeStopRules: this.changeStopRules,
      raiseStop: this.raiseStop,
      triggerStop: this.triggerStop,
      endStop: this.endStop,
    } = this.stops);
    this.#record = record;
    this.#onRuling = onRuling;
  }

  readonly decideAll: RiskStore['decideAll'] = async (moment, subjects, rule) => {
    await Promise.resolve();
    const scope = decisionScope(this.#active(), moment.release);
    if (scope === 'None') return subjects.map(() => NOT_ACTIVE);
    return subjects.map((subject, index) => {
      try {
        return this.#decide(moment, subject, (account) => rule(account, index, scope));
      } catch (error) {
        return { kind: 'Failed', error };
      }
    });
  };

  #decide({ nowMs }: Moment, subject: Subject, rule: (account: Account) => Ruling): Outcome {
    const { decisionId, strategy, symbol } = subject;
    if (this.#decided.has(decisionId)) return { kind: 'Repeated', order: this.#decided.get(decisionId) };
    const ruling = rule(this.#account(nowMs));
    if (ruling.kind === 'NoAction') {
      this.#keep(ruling.wants);
      this.#onRuling(subject, ruling);
      return { kind: 'NoAction', reason: ruling.reason };
    }
    const { decision } = ruling;
    // Parsed before the first write: a malformed order must leave neither a decision nor an approval.
    const order = decision.order === undefined ? undefined : approve(approvedOrderDocument.parse(decision.order));
    this.#keep(ruling.wants);
    this.#onRuling(subject, ruling);
    this.#decided.set(decisionId, decision.order);
    if (order?.side === 'buy') {
      const held = this.#record.positions.get(`${strategy} ${symbol}`)?.quantity ?? ZERO;
      this.stops.endAtEntry(subject, { ...this.#countEntry(subject, order.quantity, nowMs), held });
    }
    if (order !== undefined) this.#record.approvals.push(order);
    return { kind: 'New', decision };
  }

  readonly observeRelease: RiskStore['observeRelease'] = async () => {
    await Promise.resolve();
    const active = this.#record.activeRelease;
    if (active === undefined) return undefined;
    const { epoch, release } = active;
    const activeForMs = this.#nowMs() - this.#activatedAtMs;
    return { epoch, release, heardAtMs: this.#heardAtMs, activeForMs };
  };

  readonly renewRelease: RiskStore['renewRelease'] = async (release) => {
    await Promise.resolve();
    const active = this.#record.activeRelease;
    if (active?.release === release) this.#hear(active);
  };

  readonly activateRelease: RiskStore['activateRelease'] = async (wanted) => {
    await Promise.resolve();
    const active = this.#record.activeRelease;
    if (active !== undefined && active.epoch >= wanted.epoch) return active;
    this.#hear(wanted);
    this.#activatedAtMs = this.#nowMs();
    this.#onActivated(wanted);
    return wanted;
  };

  #active(): ObservedRelease | undefined {
    const active = this.#record.activeRelease;
    return active && { ...active, isStale: active.isStale || this.#nowMs() - this.#heardAtMs > SILENT_MS };
  }

  #hear({ epoch, release }: ActiveRelease): void {
    this.#heardAtMs = this.#nowMs();
    this.#record.activeRelease = { epoch, release, isStale: false };
  }

  readonly requestCancels: RiskStore['requestCancels'] = async (nowMs, wanted) => {
    await Promise.resolve();
    this.#record.cancels.add(nowMs, wanted);
  };

  readonly readAccount: RiskStore['readAccount'] = async (nowMs) => await Promise.resolve(this.#account(nowMs));

  readonly refusedOrders: RiskStore['refusedOrders'] = async (clientOrderIds) => {
    const refused = clientOrderIds.flatMap((id): (readonly [string, RefusedOrder])[] => {
      const state = this.#record.orders.get(id)?.state;
      if (state?.kind === 'Rejected') return [[id, { state: state.kind, code: state.code }]];
      return state?.kind === 'NeverSent' ? [[id, { state: state.kind, code: state.reason }]] : [];
    });
    return await Promise.resolve(new Map(refused));
  };

  readonly readTradingStates: RiskStore['readTradingStates'] = async () => await this.#record.readTradingStates();

  readonly setTradingState: RiskStore['setTradingState'] = async (command) =>
    await this.#record.setTradingState(command);

  #keep(wants: WantedStance | undefined): void {
    if (wants === undefined) return;
    const key = `${wants.strategy} ${wants.symbol}`;
    const known = this.#stances.get(key);
    if (known === undefined || known.barClose < wants.barClose) this.#stances.set(key, wants);
  }

  #countEntry({ strategy, symbol }: Subject, quantity: Decimal, nowMs: number): Omit<EntryOf, 'held'> {
    const key = `${strategy} ${symbol}`;
    const stance = this.#stances.get(key);
    if (stance === undefined) return { stance, isFirst: false };
    const { changedAt } = stance;
    const before = attemptsOf([...this.#entries.values()], stance) ?? { quantity, count: 0 };
    this.#entries.set(key, { ...before, strategy, symbol, changedAt, count: before.count + 1, lastAtMs: nowMs });
    return { stance, isFirst: before.count === 0 };
  }

  #account(nowMs: number): Account {
    const { positions, orders, approvals, comparedAt, venueFree, drifting, exitRefusedAt } = this.#record;
    const ledger = this.#record.ledger();
    return {
      tradingStates: this.#record.tradingStates(),
      positions: [...positions].map(([key, { quantity, cost }]) => {
        const [strategy = '', symbol = ''] = key.split(' ');
        return { strategy, symbol, quantity, cost, exitRefusedAtMs: exitRefusedAt.get(key) };
      }),
      liveOrders: orders.live().map(viewOf),
      openApprovals: this.#record.waiting().filter(({ deadline }) => deadline > nowMs - APPROVAL_GRACE_MS),
      balances: [...new Set([...ledger.keys(), ...comparedAt.keys()])].map((asset) => ({
        asset,
        ledger: ledger.get(asset) ?? ZERO,
        reconciledAtMs: comparedAt.get(asset) ?? 0,
        venueFree: freeOf(venueFree.get(asset), comparedAt.get(asset)),
        drifting: drifting.has(asset),
      })),
      entriesLastSecond: entriesSince(approvals, nowMs - 1_000),
      stances: [...this.#stances.values()],
      entryAttempts: [...this.#stances.values()].flatMap((one) => attemptsOf([...this.#entries.values()], one) ?? []),
      stops: this.stops.rows,
      cancelRequests: this.#record.cancels.requests,
      breakers: this.breakers.tripped,
      breakerResets: this.breakers.resets,
      equityRecord: this.breakers.equity,
      bookedTransfers: new Map(this.#record.bookedTransfers),
      feesPaid: new Map(this.#record.feesPaid),
      venueHealth: healthAt(this.#record, nowMs),
      canary: canaryOf(this.#record),
      unread: [],
    };
  }
}

/** The same as the view `trading.sender_canaries`. */
function canaryOf({ fence: { canary }, orders }: MemoryExecutionStore): SenderCanary | undefined {
  if (canary === undefined) return undefined;
  const bought = new Map<string, Decimal>();
  for (const { request, epoch, state, filled } of orders.values()) {
    if (request.side === 'sell' || epoch < canary.since) continue;
    const counted = isTerminal(state) ? filled : maximum(request.quantity, filled);
    bought.set(request.symbol, add(bought.get(request.symbol) ?? ZERO, notionalOf(request.price, counted)));
  }
  return { ...canary, bought };
}

/** Decisions that were made at about the same time may be committed in another order. */
const DISORDER_MS = 60_000;

/** Looks at the newest approvals only. */
function entriesSince(approvals: readonly ApprovedOrder[], sinceMs: number): number {
  let count = 0;
  for (let index = approvals.length - 1; index >= 0; index -= 1) {
    const { side, decidedAt } = approvals[index] as ApprovedOrder;
    if (decidedAt <= sinceMs - DISORDER_MS) break;
    if (side === 'buy' && decidedAt > sinceMs) count += 1;
  }
  return count;
}

function healthAt({ venueHealth }: MemoryExecutionStore, nowMs: number): Account['venueHealth'] {
  if (venueHealth === undefined) return undefined;
  return { ...venueHealth.health, ageMs: Math.max(0, nowMs - venueHealth.atMs) };
}

function freeOf(amount: Decimal | undefined, atMs: number | undefined): Account['balances'][number]['venueFree'] {
  return amount === undefined || atMs === undefined ? undefined : { amount, atMs };
}

function viewOf(order: OrderRecord): Account['liveOrders'][number] {
  const { request, strategy, filled, state, reservedAsset, reserved, intendedAtMs: sinceMs, finalExecuted } = order;
  const { clientOrderId, symbol, side, type, price, quantity } = request;
  const terms = { clientOrderId, strategy, symbol, side, type, price, quantity };
  return { ...terms, filled, state: state.kind, reservedAsset, reserved, sinceMs, finalExecuted };
}
