import type { OrderRecord } from '../execution/core/order-record.ts';
import type { Ruling } from '../risk/core/rulings.ts';
import type { Subject, TriggeredRecord } from '../risk/ports.ts';
import { isTerminal } from '../shared/domain/orders/order.ts';
import type { ActiveRelease } from '../shared/domain/release/active-release.ts';
import type { BreakerStep } from './core/breaker-step.ts';
import type { CallStep } from './core/call-step.ts';
import type { ExitStep } from './core/exit-step.ts';
import type { OrderStep } from './core/order-step.ts';
import type { ReleaseStep } from './core/release-step.ts';
import { MemoryExecutionStore, type Committed } from '../execution/store/memory/memory-execution-store.ts';
import { MemoryRiskStore } from './memory-risk-store.ts';
import type { Digest } from './digest.ts';
import type { Scheduler } from './core/scheduler.ts';

/**
 * Stands in for Postgres, so it outlives the services. Besides the rows it records the history that the invariant
 * checks need.
 */
export class ReplayRecord {
  readonly store: MemoryExecutionStore;
  readonly risk: MemoryRiskStore;
  /** Every step of every order, in commit order. */
  readonly steps: OrderStep[] = [];
  /** What happened to the positions, in order. */
  readonly exitSteps: ExitStep[] = [];
  /** Breakers that tripped or left, in order. */
  readonly breakerSteps: BreakerStep[] = [];
  /** Releases of risk that became active, in order. */
  readonly releaseSteps: ReleaseStep[] = [];
  /** Requests to the venue, and the pauses that it demanded, in order. */
  readonly callSteps: CallStep[] = [];
  /** Codes of the decisions of risk that approved nothing. */
  readonly refusals = new Set<string>();
  /** By client order ID: length of the venue's log when `commitIntent` returned to the sender. */
  readonly confirmedAfter = new Map<string, number>();
  /** Number of fills that exceeded the order quantity or arrived after the order ended. */
  lateFills = 0;
  readonly #scheduler: Scheduler;
  readonly #digest: Digest;
  readonly #atIntent: (() => void)[] = [];

  constructor(scheduler: Scheduler, digest: Digest) {
    this.#scheduler = scheduler;
    this.#digest = digest;
    this.store = new MemoryExecutionStore((committed) => this.#onCommitted(committed));
    const first = { epoch: 1, release: 'simulation' };
    this.store.activeRelease = { ...first, isStale: false };
    this.#onActivated(first);
    this.risk = new MemoryRiskStore(this.store, (subject, ruling) => this.#onRuling(subject, ruling), {
      onTrigger: (stopped) => this.#onTrigger(stopped),
      onBreaker: (kind, breaker) => this.#onBreaker(kind, breaker),
      onActivated: (active) => this.#onActivated(active),
      nowMs: () => scheduler.nowMs(),
    });
  }

  get orders(): readonly OrderRecord[] {
    return [...this.store.orders.values()];
  }

  /** Runs `work` when the next intent is committed, before its sender receives the result. */
  atNextIntent(work: () => void): void {
    this.#atIntent.push(work);
  }

  #onRuling({ decisionId: id, strategy, symbol }: Subject, ruling: Ruling): void {
    const position = { strategy, symbol, at_ms: this.#scheduler.nowMs() };
    const decision = ruling.kind === 'Decided' ? ruling.decision : undefined;
    this.#digest.add('decision', { id, ...decision });
    if (ruling.wants !== undefined) {
      const { stance, barClose, changedAt } = ruling.wants;
      this.exitSteps.push({ ...position, kind: 'Stance', stance, bar_close: barClose, changed_at: changedAt });
    }
    if (decision === undefined) return;
    const { code, order } = decision;
    if (order === undefined) {
      this.refusals.add(code);
      this.exitSteps.push({ ...position, kind: 'Refused', code });
    } else {
      const { side, clientOrderId } = order;
      this.exitSteps.push({ ...position, kind: 'Approved', side, client_order_id: clientOrderId });
    }
  }

  #onTrigger({ strategy, symbol, triggered }: TriggeredRecord): void {
    const at_ms = this.#scheduler.nowMs();
    this.#digest.add('stop', { at_ms, strategy, symbol, ...triggered });
    this.exitSteps.push({
      strategy,
      symbol,
      at_ms,
      kind: 'StopTriggered',
      stop: triggered.kind,
      reached_at: triggered.atMs,
    });
  }

  #onBreaker(kind: BreakerStep['kind'], { breaker, symbol }: Pick<BreakerStep, 'breaker' | 'symbol'>): void {
    const step = { kind, breaker, symbol, at_ms: this.#scheduler.nowMs(), afterSteps: this.exitSteps.length };
    this.#digest.add('breaker', step);
    this.breakerSteps.push(step);
  }

  #onActivated({ epoch, release }: ActiveRelease): void {
    const [afterSteps, afterExitSteps] = [this.steps.length, this.exitSteps.length];
    this.releaseSteps.push({ epoch, release, afterSteps, afterExitSteps });
  }

  #onCommitted({ order, event }: Committed): void {
    const { epoch, request } = order;
    const { clientOrderId, symbol, side } = request;
    if (event.kind === 'EndReported') {
      this.#digest.add('order', { at_ms: this.#scheduler.nowMs(), clientOrderId, ...event });
      return;
    }
    const state = event.kind === 'Intent' ? order.state : event.state;
    const at_ms = this.#scheduler.nowMs();
    this.steps.push({ client_order_id: clientOrderId, epoch, symbol, side, state: state.kind, at_ms });
    if (event.kind === 'FillAdded' && event.late) this.lateFills += 1;
    const position = { strategy: order.strategy, symbol, at_ms };
    const held = this.store.positions.get(`${order.strategy} ${symbol}`)?.quantity;
    if (held !== undefined) this.exitSteps.push({ ...position, kind: 'Held', quantity: held });
    if (isTerminal(state))
      this.exitSteps.push({ ...position, kind: 'Ended', side, client_order_id: clientOrderId, state });
    if (event.kind === 'Intent') {
      this.#digest.add('intent', { at_ms, ...order, tradeIds: [] });
      for (const work of this.#atIntent.splice(0)) work();
    } else this.#digest.add('order', { at_ms, clientOrderId, ...event });
  }
}
