import { admissionRefusal } from '../../services/execution/core/admission.ts';
import { ordersToCancel } from '../../services/execution/core/cancel-rules.ts';
import { observationOfPlace } from '../../services/execution/core/classify-reply.ts';
import { intendedOrder, type ApprovedOrder, type OrderRecord } from '../../services/execution/core/order-record.ts';
import { permitAllows, type Permit } from '../../services/execution/core/permit.ts';
import { nextRole, WARMING, type RoleEvent, type SenderRole } from '../../services/execution/core/role.ts';
import {
  afterAsking,
  mayConclude,
  newInquiry,
  nextAskAt,
  type Inquiry,
} from '../../services/execution/core/unknown-schedule.ts';
import type { ExecutionSettings } from '../../services/shared/contracts/settings/execution.ts';
import type { Instrument } from '../../services/shared/domain/instrument.ts';
import type { OrderReport } from '../../services/shared/domain/order-report.ts';
import type { Network } from './network.ts';
import type { Scheduler } from './scheduler.ts';
import type { SimulatedRecord } from './simulated-record.ts';
import { createReconciler } from './simulated-reconcile.ts';
import type { PrivatePush, SimulatedVenue } from './simulated-venue.ts';

export interface ExecutionWorld {
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly venue: SimulatedVenue;
  readonly record: SimulatedRecord;
  readonly settings: ExecutionSettings;
  readonly instrument: Instrument;
  readonly halted: () => boolean;
  /** The first characters of our client order ids. */
  readonly tag: string;
  /** Something that must not happen did. */
  readonly onBreach: (what: string) => void;
  /** The books differ from the venue's in two readings; fills are still on their way, or worse. */
  readonly onDrift: () => void;
}

const TICK_MS = 100;
const FENCE_READ_MS = 500;
const CANCEL_AGAIN_MS = 1_000;

/**
 * One process of the service execution: its core, driven by virtual time, with the record and the venue as its only memory. `kill` ends it
 * in the middle of whatever it does; the record and the venue go on.
 */
export class SimulatedExecution {
  readonly #world: ExecutionWorld;
  readonly #self: string;
  readonly #committing = new Set<string>();
  readonly #inquiries = new Map<string, Inquiry>();
  readonly #cancelledAt = new Map<string, number>();
  readonly #reconcile: () => void;
  #role: SenderRole = WARMING;
  #permit: Permit | undefined;
  #reduceOnly = false;
  #alive = true;

  constructor(world: ExecutionWorld, self: string) {
    this.#world = world;
    this.#self = self;
    this.#reconcile = createReconciler({
      ...world,
      alive: () => this.#alive,
      report: (report) => this.#onReport(report),
      reduceOnly: (is) => {
        this.#reduceOnly = is;
      },
    });
  }

  /** Takes the fence at `epoch`, waits until nothing signed before can be accepted, resolves what is open, and then sends. */
  activate(epoch: number): void {
    const { scheduler, record, settings } = this.#world;
    this.#become({ kind: 'Warmed' });
    if (!record.grant(this.#self, epoch)) throw new Error(`the fence is not at ${epoch - 1}`);
    this.#become({ kind: 'Granted', epoch });
    this.#every(FENCE_READ_MS, () => this.#readFence());
    scheduler.after(settings.recvWindowMs + settings.skewBoundMs, () => {
      for (const order of record.live()) this.#inquire(order);
      this.#reconcile();
      this.#every(TICK_MS, () => this.#tick());
      this.#every(settings.reconcileIntervalMs, this.#reconcile);
    });
  }

  kill(): void {
    this.#alive = false;
  }

  get role(): SenderRole['role'] {
    return this.#role.role;
  }

  onPush(push: PrivatePush): void {
    if (!this.#alive) return;
    if (push.kind === 'report') this.#onReport(push.report);
    else this.#world.record.observe(push.fill.clientOrderId, { kind: 'FillSeen', fill: push.fill });
  }

  /** An approved order, by the stream or found in the record; the second time it is nothing new. */
  onApproved(order: ApprovedOrder): void {
    const { scheduler, network, record } = this.#world;
    const { clientOrderId } = order;
    if (!this.#alive || this.#role.role !== 'active') return;
    if (record.orders.has(clientOrderId) || this.#committing.has(clientOrderId)) return;
    this.#committing.add(clientOrderId);
    scheduler.after(network.commitMs(), () => {
      this.#committing.delete(clientOrderId);
      if (this.#alive) this.#commit(order);
    });
  }

  #commit(order: ApprovedOrder): void {
    const { scheduler, record, instrument, halted } = this.#world;
    const now = scheduler.nowMs();
    const liveStates = record
      .live()
      .filter(({ request }) => request.symbol === order.symbol)
      .map(({ state }) => state.kind);
    const facts = { now, halted: halted(), reduceOnly: this.#reduceOnly, instrumentKnown: true, liveStates };
    const refusal = admissionRefusal(order, facts);
    const intent = intendedOrder({ order, instrument, epoch: this.#role.epoch, intendedAt: now });
    const outcome = record.insertIntent(intent);
    if (outcome === 'Fenced') this.#become({ kind: 'IntentRefused' });
    if (outcome !== 'Inserted') return;
    if (refusal !== undefined) record.observe(order.clientOrderId, { kind: 'NotSent', reason: refusal });
    else this.#send(intent);
  }

  #send({ request, epoch, intendedAt }: OrderRecord): void {
    const { scheduler, record, settings, venue } = this.#world;
    const { clientOrderId } = request;
    const { permitMs, recvWindowMs } = settings;
    if (!permitAllows(this.#permit, { epoch, monotonicMs: scheduler.nowMs(), permitMs })) {
      record.observe(clientOrderId, { kind: 'NotSent', reason: 'PermitExpired' });
      return;
    }
    record.observe(clientOrderId, { kind: 'Sending' });
    venue.place(request, { at: intendedAt, recvWindowMs }, (reply) => {
      if (!this.#alive) return;
      const order = record.observe(clientOrderId, observationOfPlace(reply, scheduler.nowMs()));
      if (order?.state.kind === 'Unknown') this.#inquire(order);
    });
  }

  /** Asks the venue what became of an order until it says so, or cannot have it any more. */
  #inquire({ request: { clientOrderId }, intendedAt, state }: OrderRecord): void {
    const { record, scheduler } = this.#world;
    if (this.#inquiries.has(clientOrderId)) return;
    if (state.kind === 'Submitted') {
      record.observe(clientOrderId, { kind: 'OutcomeUnknown', at: scheduler.nowMs() });
    }
    this.#inquiries.set(clientOrderId, newInquiry(intendedAt));
    this.#ask(clientOrderId);
  }

  #ask(clientOrderId: string): void {
    const { scheduler, venue, record, settings } = this.#world;
    const inquiry = this.#inquiries.get(clientOrderId);
    if (inquiry === undefined || !this.#alive) return;
    if (!isOpenQuestion(record.orders.get(clientOrderId))) {
      this.#inquiries.delete(clientOrderId);
      return;
    }
    scheduler.at(Math.max(scheduler.nowMs(), nextAskAt(inquiry, settings)), () => {
      const askedAt = scheduler.nowMs();
      if (!this.#alive) return;
      venue.query(clientOrderId, (reply) => {
        if (!this.#alive) return;
        const next = afterAsking(inquiry, askedAt, reply.kind === 'notFound', settings);
        this.#inquiries.set(clientOrderId, next);
        if (reply.kind === 'ok') this.#onReport(reply.value);
        else if (mayConclude(next)) record.observe(clientOrderId, { kind: 'Concluded', reason: 'NeverArrived' });
        this.#ask(clientOrderId);
      });
    });
  }

  #onReport(report: OrderReport): void {
    const { record, venue, scheduler } = this.#world;
    const order = record.observe(report.clientOrderId, { kind: 'Reported', report });
    if (order === undefined || report.executed <= order.filled) return;
    // The venue speaks of fills that have not come yet: they are fetched, then its word is taken again.
    venue.fills(Math.min(order.intendedAt, scheduler.nowMs()), (reply) => {
      if (reply.kind !== 'ok' || !this.#alive) return;
      for (const fill of reply.value) record.observe(fill.clientOrderId, { kind: 'FillSeen', fill });
      record.observe(report.clientOrderId, { kind: 'Reported', report });
    });
  }

  #tick(): void {
    const { record, scheduler, halted } = this.#world;
    if (this.#role.role === 'activating' && !record.live().some(isOpenQuestion)) this.#become({ kind: 'Reconciled' });
    if (this.#role.role !== 'active') return;
    // Approvals whose message was lost, or came while nobody sent.
    for (const order of record.approved.slice(-50)) this.onApproved(order);
    const now = scheduler.nowMs();
    for (const order of ordersToCancel(record.live(), { now, halted: halted() })) this.#cancel(order, now);
  }

  #cancel({ request: { clientOrderId, symbol }, state }: OrderRecord, now: number): void {
    const { venue, record } = this.#world;
    if (!('venueOrderId' in state) || state.venueOrderId === undefined) return;
    if (now - (this.#cancelledAt.get(clientOrderId) ?? -Infinity) < CANCEL_AGAIN_MS) return;
    this.#cancelledAt.set(clientOrderId, now);
    record.observe(clientOrderId, { kind: 'CancelRequested' });
    venue.cancel(symbol, state.venueOrderId, () => {
      if (!this.#alive) return;
      venue.query(clientOrderId, (reply) => {
        if (this.#alive && reply.kind === 'ok') this.#onReport(reply.value);
      });
    });
  }

  #readFence(): void {
    const { scheduler, network, record } = this.#world;
    const readAtMs = scheduler.nowMs();
    scheduler.after(network.commitMs(), () => {
      if (!this.#alive) return;
      const { fence } = record;
      this.#become({ kind: 'FenceRead', fence });
      if (this.#role.role !== 'fenced') this.#permit = { epoch: fence.epoch, readAtMs };
    });
  }

  #become(event: RoleEvent): void {
    this.#role = nextRole(this.#role, event, this.#self);
  }

  #every(intervalMs: number, work: () => void): void {
    if (!this.#alive) return;
    work();
    this.#world.scheduler.after(intervalMs, () => this.#every(intervalMs, work));
  }
}

/** Whether only the venue can say what became of the request. */
function isOpenQuestion(order: OrderRecord | undefined): boolean {
  const kind = order?.state.kind;
  return kind === 'Unknown' || kind === 'Submitted' || kind === 'Intended';
}
