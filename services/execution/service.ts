import type { ActivateResponse } from '../shared/contracts/control.ts';
import type { SenderRole, SenderStatus } from '../shared/contracts/statusz.ts';
import type { ExecutionSettings } from '../shared/contracts/services/execution.ts';
import type { Decimal } from '../shared/domain/decimal.ts';
import type { Instrument } from '../shared/domain/instrument.ts';
import type { PrivateStreamEvents, Through, TradingVenue } from '../shared/venue/trading-venue.ts';
import { UnreadFrames, type UnreadFramesOptions } from '../shared/venue/unread-frames.ts';
import type { Clock } from '../shared/runtime/clock.ts';
import { failed, OK, type CheckResult } from '../shared/runtime/health.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import { pause, periodic } from '../shared/runtime/periodic.ts';
import type { ServicePart } from '../shared/runtime/service-part.ts';
import { createActivation } from './reconcile/activation.ts';
import { Canceller } from './orders/canceller.ts';
import { isUnanswered } from './core/order-decider.ts';
import type { ExecutionStore } from './ports.ts';
import { SenderFence } from './fence/sender-fence.ts';
import { BalanceCheck } from './reconcile/balance-check.ts';
import type { ExecutionMetrics } from './metrics.ts';
import { LiveOrders } from './orders/live-orders.ts';
import { createPortfolioSnapshots } from './portfolio-snapshots.ts';
import { createRateLimitedVenue } from './orders/rate-limited-venue.ts';
import { ReconcileTimer } from './reconcile/reconcile-timer.ts';
import { VenueReconciler } from './reconcile/venue-reconciler.ts';
import { Resolver } from './orders/resolver.ts';
import { Sender } from './orders/sender.ts';
import { createApprovalSweep } from './orders/approval-sweep.ts';

export interface ExecutionOptions {
  readonly settings: ExecutionSettings;
  /** First characters of every client order id of this stack. */
  readonly tag: string;
  readonly incarnation: string;
  readonly store: ExecutionStore;
  readonly venue: TradingVenue;
  readonly instrumentOf: (symbol: string) => Instrument | undefined;
  readonly marks: () => ReadonlyMap<string, Decimal>;
  /** Where frames of the private stream go that cannot be read. */
  readonly keepFrame: UnreadFramesOptions['store'];
  readonly metrics: ExecutionMetrics;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface Execution {
  readonly parts: readonly ServicePart[];
  readonly checks: ReadonlyMap<string, () => CheckResult>;
  /**
   * Takes up an approval, when it may be sent now; what is sent is the order that the database has. False when this
   * process is not the active sender. Rejects when Postgres is unavailable.
   */
  readonly onApproval: (decisionId: string) => Promise<boolean>;
  readonly activate: (epoch: number) => Promise<ActivateResponse>;
  /** For the private stream. While the fence is not ours, what it tells is somebody else's to record. */
  readonly streamEvents: PrivateStreamEvents;
  /** The one rate limiter of the account, for the calls that the private stream makes. */
  readonly through: Through;
  readonly sender: () => SenderStatus;
  readonly figures: () => Readonly<Record<string, number | string | null>>;
}

const UPKEEP_MS = 100;
/** After a turn that failed: the database is away. */
const AGAIN_MS = 1_000;
const UNKNOWN_ALARM_MS = 60_000;

/** The only sender of orders: everything of it that is not a client, put together. */
export function createExecution(options: ExecutionOptions): Execution {
  const { store, metrics, clock, log } = options;
  const members = createMembers(options);
  const { fence, orders, sender, timer, portfolio, reconciler, ledger } = members;
  const upkeep = (name: string, roles: readonly SenderRole[], turn: () => Promise<void>): ServicePart =>
    periodic({
      name,
      intervalMs: UPKEEP_MS,
      clock,
      log,
      task: async (signal) => {
        if (!roles.includes(fence.sender.role)) return;
        await turn().catch(async (error: unknown) => {
          await pause(clock, AGAIN_MS, signal);
          throw error;
        });
      },
    });
  return {
    parts: [
      { ...fencePart(fence), drain: async () => await handOver(members, log) },
      createActivation({ ...options.settings, ...options.venue.rules, ...members, clock, log }),
      timer,
      // A cancellation creates nothing: it need not wait for an older sender's orders.
      upkeep('cancel', ['activating', 'active'], async () => await members.canceller.cancelDue()),
      upkeep('resolve', ['active'], async () => await members.resolver.resolveDue()),
      createApprovalSweep({ ...options, sender, fence }),
      portfolio,
    ],
    checks: new Map([
      ['fence', () => fence.check()],
      ['reconcile', () => timer.check()],
      ['ledger', () => ledger.check()],
      ['clock', () => reconciler.clockCheck()],
      ['unknowns', () => unknownsCheck(members, clock)],
    ]),
    onApproval: async (decisionId) => {
      if (fence.sender.role !== 'active') return false;
      const order = await store.findApproval(decisionId);
      if (order !== undefined) await sender.offer(order);
      return true;
    },
    activate: async (epoch) => await fence.activate(epoch),
    streamEvents: streamEvents({
      ...members,
      frames: new UnreadFrames({
        store: options.keepFrame,
        count: (outcome) => metrics.deadLetters.inc({ outcome }),
        clock,
      }),
      metrics,
      log,
    }),
    through: members.venue.through,
    sender: () => fence.sender,
    figures: () => ({
      ...portfolio.figures(),
      openOrders: orders.live().length,
      unknownOrders: orders.live().filter(({ state }) => state.kind === 'Unknown').length,
      epoch: fence.sender.epoch,
      lastReconcileAgeMs: reconciler.ageMs(),
      haltedBy: fence.haltedBy.join(',') || null,
      ledgerDrifts: ledger.drifts.length,
      quarantined: reconciler.quarantined,
      lateFills: orders.lateFills,
    }),
  };
}

type Members = ReturnType<typeof createMembers>;

/** The objects with a state of their own; none of them runs by itself. */
function createMembers(options: ExecutionOptions) {
  const { settings, store, metrics, clock, log } = options;
  const venue = createRateLimitedVenue(options.venue, clock);
  const { recvWindowMs, skewBoundMs, visibilityMs, symbols, permitMs, halt } = settings;
  const inFlight = new Set<string>();
  const fence = new SenderFence({ ...options, permitMs, halt });
  const orders = new LiveOrders({ ...options, epoch: () => fence.sender.epoch });
  const resolver = new Resolver({
    venue,
    orders,
    rules: { recvWindowMs, skewBoundMs, visibilityMs, acceptedAheadMs: venue.rules.acceptedAheadMs },
    inFlight,
    metrics,
    clock,
    log,
  });
  const ledger = new BalanceCheck({ store, venue, clock, log });
  const shared = { ...options, venue, orders, fence, inFlight };
  const reconciler = new VenueReconciler({ ...shared, resolver, ledger, symbols, skewBoundMs });
  const sender = new Sender({
    ...shared,
    recvWindowMs,
    reduceOnly: () => ledger.drifts.length > 0,
    obstacle: () => {
      if (venue.limitedForMs() > 0) return 'RateLimited';
      return reconciler.clockCheck().ok ? undefined : 'ClockSkewed';
    },
  });
  const canceller = new Canceller({ venue, orders, halted: () => fence.haltedBy.length > 0, clock, log });
  const portfolio = createPortfolioSnapshots({ ...options, recording: () => fence.recording });
  const timer = new ReconcileTimer({ reconciler, fence, intervalMs: settings.reconcileIntervalMs, clock, log });
  return { venue, fence, orders, resolver, ledger, reconciler, sender, canceller, portfolio, timer };
}

interface StreamListeners
  extends Pick<Members, 'fence' | 'orders' | 'timer'>, Pick<ExecutionOptions, 'metrics' | 'log'> {
  readonly frames: UnreadFrames;
}

/** What the stream tells goes into the record; what cannot be recorded now, or was missed, the reconcile asks for. */
function streamEvents({ fence, orders, timer, frames, metrics, log }: StreamListeners): PrivateStreamEvents {
  const heard = (work: Promise<unknown>): void => {
    void work.catch((error: unknown) => {
      log.warn({ err: error }, 'not recorded, the next reconcile finds it');
      timer.nudge();
    });
  };
  return {
    onFill: (fill) => {
      if (fence.recording) heard(orders.onFill(fill));
    },
    onOrder: (report) => {
      const { clientOrderId } = report;
      if (fence.recording && orders.get(clientOrderId) !== undefined)
        heard(orders.observe(clientOrderId, { kind: 'Reported', report }));
    },
    onConnected: () => timer.nudge(),
    onDisconnected: () => {},
    onForeign: () => metrics.privateFrames.inc({ kind: 'Foreign' }),
    onMalformed: (frame, reason) => {
      metrics.privateFrames.inc({ kind: 'Malformed' });
      log.error({ reason }, 'frame of the private stream cannot be read');
      void frames.store(reason, frame);
      timer.nudge();
    },
  };
}

/**
 * Takes up nothing more, lets what is being sent come to its outcome, cancels what rests, and says so to the next sender when every outcome is known.
 * What fails on the way is the next sender's to find.
 */
async function handOver({ fence, sender, orders, canceller, resolver }: Members, log: Logger): Promise<void> {
  const { role } = fence.sender;
  fence.retire();
  if (role !== 'activating' && role !== 'active') return;
  await sender.idle();
  try {
    await canceller.cancelAll();
    for (const order of orders.live()) await resolver.settle(order);
  } catch (error) {
    log.warn({ err: error }, 'not everything is settled, the next sender goes on');
  }
  // Before it was active it does not know what older senders left under way.
  if (role === 'active' && orders.live().every(({ state }) => !isUnanswered(state))) await fence.release();
}

function fencePart(fence: SenderFence): ServicePart {
  return { name: fence.name, run: async (signal) => await fence.run(signal) };
}

/** An order that stays unknown, or that the venue denies, for a minute needs a person: by its stamp, or by how long it is held here, should the wall clock have gone back. */
function unknownsCheck({ orders, resolver }: Pick<Members, 'orders' | 'resolver'>, clock: Clock): CheckResult {
  const old = orders.live().filter(({ state, request }) => {
    if (state.kind !== 'Unknown') return resolver.missing.has(request.clientOrderId);
    const heldMs = clock.monotonicMs() - (orders.heldSinceMs(request.clientOrderId) ?? clock.monotonicMs());
    return Math.max(heldMs, clock.nowMs() - state.since) > UNKNOWN_ALARM_MS;
  });
  if (old.length === 0) return OK;
  const ids = old.map(({ request }) => request.clientOrderId).slice(0, 5);
  return failed('UnknownOrders', `the venue does not say what became of ${old.length} orders: ${ids.join(', ')}`);
}
