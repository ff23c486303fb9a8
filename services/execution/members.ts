import type { TradingState } from '../shared/domain/trading-state.ts';
import type { TradingVenue } from '../shared/venue/trading-venue.ts';
import { RateBudget } from './budget/rate-budget.ts';
import { repeatPace } from './core/budget/lanes.ts';
import { createRateLimitedVenue } from './budget/rate-limited-venue.ts';
import type { SendingFacts } from './core/sending.ts';
import type { ExecutionOptions } from './execution-options.ts';
import { SenderFence } from './fence/sender-fence.ts';
import { Approvals } from './orders/approvals.ts';
import { createArrivals } from './orders/arrivals.ts';
import { createCancelRequests } from './orders/cancel-requests.ts';
import { Canceller } from './orders/canceller.ts';
import { CommitDoubts } from './orders/commit-doubts.ts';
import { DeadLetters } from './orders/dead-letters.ts';
import { LiveOrders } from './orders/live-orders.ts';
import { OpenOrders } from './orders/open-orders.ts';
import { Resolver } from './orders/resolver.ts';
import { Sender } from './orders/sender.ts';
import { SendingStatus } from './orders/sending-status.ts';
import { SentOrders } from './orders/sent-orders.ts';
import { createPortfolioSnapshots } from './portfolio-snapshots.ts';
import { createReconcile } from './reconcile/create-reconcile.ts';
import { EpochReplies } from './swap/epoch-replies.ts';
import { createRehearsal, type Rehearsal } from './swap/rehearsal.ts';
import { SentTimes } from './swap/sent-times.ts';
import { createShadowAdmission } from './swap/shadow-admission.ts';
import type { VenueReconciler } from './reconcile/venue-reconciler.ts';
import { gatherFacts } from './gather-facts.ts';
import { watchVenue } from './venue/venue-watch.ts';

export type Members = ReturnType<typeof createMembers>;

/** Creates the stateful objects. The parts of the service run them. */
export function createMembers(options: ExecutionOptions) {
  const { settings, states, clock, log } = options;
  const watched = watchVenue(options.venue, clock);
  const { recvWindowMs, skewBoundMs, visibilityMs, symbols, permitMs, ordersPerSecond } = settings;
  const limits = { ordersPerSecond, queries: watched.rules.queryLimit };
  const budget = new RateBudget({ shared: options.budget, limits, holdsFence: () => fence.recording, clock, log });
  const limited = createRateLimitedVenue(watched, budget);
  const rules = { recvWindowMs, skewBoundMs, visibilityMs, acceptedAheadMs: limited.rules.acceptedAheadMs };
  const inFlight = new Set<string>();
  const fence = new SenderFence({ ...options, permitMs });
  const deadLetters = new DeadLetters(options);
  const epoch = (): number => fence.sender.epoch;
  const orders = new LiveOrders({ ...options, deadLetters, epoch, mayRecord: () => fence.mayRecord });
  const openOrders = new OpenOrders({ ...options, venue: limited, symbols, liveIdOf: orders.idOf.bind(orders) });
  const venue = { ...limited, openOrders: openOrders.list };
  const shared = { ...options, budget, venue, orders, deadLetters, fence, inFlight, rules };
  const resolver = new Resolver(shared);
  const isHurried = (): boolean => fence.hasReconciled && fence.sender.role !== 'active';
  const reconcile = createReconcile({ ...settings, ...shared, resolver, isHurried });
  const facts = (): SendingFacts => gatherFacts({ ...shared, ...reconcile, sender, doubts, permitMs });
  const status = new SendingStatus({ facts, clock });
  const sent = new SentOrders(clock);
  const sentTimes = new SentTimes();
  const replies = new EpochReplies();
  const onReport = resolver.onReport.bind(resolver);
  const doubts = new CommitDoubts(shared);
  const cancelRequests = createCancelRequests(shared);
  const isRequested = cancelRequests.has;
  const sending = { facts, status, sent, sentTimes, replies };
  const sender: Sender = new Sender({ ...shared, ...sending, doubts, isRequested, onReport, recvWindowMs });
  const approvals = new Approvals({ ...shared, sender, status, sent, isRequested });
  const isEndedThere = (id: string): boolean => resolver.endedThereMs(id) !== undefined || resolver.missing.has(id);
  const tradingState = (): TradingState => states.state;
  const canceller = new Canceller({
    ...shared,
    openOrders,
    tradingState,
    isRequested,
    isEndedThere,
    pace: () => repeatPace(ordersPerSecond, fence.recording),
  });
  const portfolio = createPortfolioSnapshots({ ...options, recording: () => fence.recording });
  const mayArrive = createArrivals({ orders, grant: () => fence.grant, rules, clock });
  const rehearsal = rehearsalOf(options, { ...shared, ...reconcile, watched });
  const senders = {
    cancelRequests,
    fence,
    sender,
    doubts,
    approvals,
    status,
    canceller,
    openOrders,
    states,
    mayArrive,
    sentTimes,
    replies,
    rehearsal,
  };
  const record = { orders, deadLetters, inFlight, resolver, portfolio };
  return { ...senders, ...reconcile, ...record, venue, watched, budget };
}

interface RehearsedMembers {
  readonly fence: SenderFence;
  readonly reconciler: VenueReconciler;
  readonly watched: TradingVenue;
  readonly budget: RateBudget;
}

function rehearsalOf(options: ExecutionOptions, { watched, budget, ...members }: RehearsedMembers): Rehearsal {
  const { symbols, reconcileIntervalMs: intervalMs } = options.settings;
  const venue = createRateLimitedVenue(watched, budget, 'rehearsal');
  return createRehearsal({
    ...options,
    ...members,
    venue,
    shadow: createShadowAdmission(options),
    symbols,
    intervalMs,
  });
}
