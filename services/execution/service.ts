import type { ActivateResponse, CanaryTerms, DrainRequest } from '../shared/contracts/control.ts';
import type { ForeignStatus, SenderRole, SenderStatus } from '../shared/contracts/statusz.ts';
import { CLIENT_ORDER_ID_LENGTH } from '../shared/domain/ids.ts';
import type { VenueHealth } from '../shared/domain/venue-health.ts';
import type { PrivateStreamEvents, RateLimited } from '../shared/venue/trading-venue.ts';
import { UnreadFrames } from '../shared/venue/unread-frames.ts';
import type { Clock } from '../shared/runtime/clock.ts';
import { ConfigError } from '../shared/runtime/errors.ts';
import type { CheckResult } from '../shared/runtime/health.ts';
import { pause, periodic } from '../shared/runtime/periodic.ts';
import type { ServicePart } from '../shared/runtime/service-part.ts';
import type { TradingStates } from '../shared/trading-state/trading-states.ts';
import type { Fence } from './core/role.ts';
import type { ExecutionOptions } from './execution-options.ts';
import type { SenderFence } from './fence/sender-fence.ts';
import { createMembers, type Members } from './members.ts';
import { createApprovalSweep, type ApprovalSweep } from './orders/approval-sweep.ts';
import type { HaltBasis } from './orders/open-orders.ts';
import { createEpochWatch } from './fence/epoch-watch.ts';
import { createActivation, type Activation } from './reconcile/activation.ts';
import { createStreamEvents } from './stream-events.ts';
import { Drain, type DrainOutcome } from './swap/drain.ts';
import { handOver } from './swap/hand-over.ts';
import { senderEvidence } from './swap/sender-evidence.ts';
import { takeOverComparisons } from './swap/succession.ts';
import { unknownsCheck } from './unknowns-check.ts';
import { createHealthRecords } from './venue/venue-watch.ts';

export interface Execution {
  readonly parts: readonly ServicePart[];
  readonly checks: ReadonlyMap<string, () => CheckResult>;
  /**
   * Offers an approval to the sender, and does not wait for it. The order that is sent is the one in the database.
   * Resolves to false when this process is not the active sender. Rejects when Postgres is unavailable.
   */
  readonly onApproval: (decisionId: string) => Promise<boolean>;
  readonly activate: (epoch: number, canary?: CanaryTerms) => Promise<ActivateResponse>;
  /** Hands the fence over, and goes on running. Never rejects. */
  readonly drain: (request: DrainRequest) => Promise<DrainOutcome>;
  /**
   * Listeners of the private stream. While this process does not hold the fence, the holder records orders and fills.
   */
  readonly streamEvents: PrivateStreamEvents;
  /** Rate limiter of the account, for the calls that the private stream makes. */
  readonly through: RateLimited;
  readonly sender: () => SenderStatus;
  /** The fence that this process was granted; undefined before that. The record decides whether it still holds it. */
  readonly heldFence: () => Fence | undefined;
  /** Open orders on our instruments that are not of this stack; null while there are none. */
  readonly foreign: () => ForeignStatus | null;
  readonly figures: () => Readonly<Record<string, number | string | null>>;
}

const UPKEEP_MS = 100;
/** Delay after a failed pass: the database is unavailable. */
const RETRY_MS = 1_000;

/**
 * A cancellation creates nothing, so it does not wait for requests of an older sender to expire. During a halt it needs
 * no fence either: while Postgres is unavailable, a restarted process cannot take it. Only a fenced process leaves the
 * orders to its successor, because it may not learn that the halt has ended.
 */
const CANCELLING: readonly SenderRole[] = ['warming', 'armed', 'activating', 'active', 'draining', 'standby'];

/**
 * Assembles the only sender of orders, on the given clients. Throws ConfigError if the venue cannot keep our IDs: an
 * order is found again only by its whole ID.
 */
export function createExecution(options: ExecutionOptions): Execution {
  checkIdLength(options);
  const { store, clock } = options;
  const members = createMembers(options);
  const { fence, approvals, status, timer, portfolio, states, deadLetters, foreignOrders } = members;
  const letGo = { ...options, ...members };
  const drain = new Drain({ ...letGo, reset: () => forget(members) });
  const sweep = createApprovalSweep({ ...options, approvals, deadLetters, fence });
  const activation = activationOf(options, members, sweep);
  const upkeep = upkeepOf(options, fence);
  const epochWatch = createEpochWatch({ ...options.settings, ...options, fence });
  // A halt does not wait for the next pass.
  states.onChange(() => {
    if (CANCELLING.includes(fence.sender.role)) void cancel(members);
  });
  return {
    parts: [
      states,
      { ...fencePart(fence), drain: async () => await handOver(letGo) },
      epochWatch,
      activation,
      timer,
      members.rehearsal,
      upkeep('cancel', CANCELLING, async () => await cancel(members)),
      upkeep('sending', ['active'], async () => await Promise.resolve(status.observe())),
      upkeep('commits', ['activating', 'active', 'draining'], async () => await members.doubts.resolveDue()),
      upkeep('resolve', ['active'], async () => await Promise.resolve(members.resolver.resolveDue())),
      members.cancelRequests,
      sweep,
      portfolio,
      createHealthRecords({ ...options, fence, health: () => healthOf(members) }),
    ],
    checks: checksOf(members, sweep, clock),
    onApproval: async (decisionId) => {
      if (fence.sender.role !== 'active') return false;
      const order = await store.findApproval(decisionId);
      if (order !== undefined) approvals.onAnnounced(order);
      return true;
    },
    activate: async (epoch, canary) => {
      const response = await fence.activate(epoch, canary);
      epochWatch.wake();
      activation.wake();
      return response;
    },
    drain: async (request) => await drain.request(request),
    streamEvents: streamEventsOf(options, members),
    through: async (call) => await members.venue.through(async () => await members.watched.observed(call)),
    sender: () => senderStatus(members, clock),
    heldFence: () => fence.held,
    foreign: () => foreignOrders.status(),
    figures: () => figuresOf(members, options.tag),
  };
}

/** Returns what makes a part of a pass, which runs in these roles only. */
function upkeepOf({ clock, log }: ExecutionOptions, fence: SenderFence) {
  return (name: string, roles: readonly SenderRole[], pass: () => Promise<void>): ServicePart =>
    periodic({
      name,
      intervalMs: UPKEEP_MS,
      clock,
      log,
      task: async (signal) => {
        if (!roles.includes(fence.sender.role)) return;
        await pass().catch(async (error: unknown) => {
          await pause(clock, RETRY_MS, signal);
          throw error;
        });
      },
    });
}

function activationOf(options: ExecutionOptions, members: Members, sweep: ApprovalSweep): Activation {
  const { settings, venue } = options;
  return createActivation({
    ...settings,
    ...venue.rules,
    ...options,
    ...members,
    takeOver: async () => await takeOverComparisons({ ...options, ...members }),
    onActive: () => sweep.onActive(),
  });
}

function streamEventsOf(options: ExecutionOptions, members: Members): PrivateStreamEvents {
  const { keepFrame: store, metrics, clock } = options;
  const count = (outcome: string): void => metrics.deadLetters.inc({ outcome });
  return createStreamEvents({ ...options, ...members, frames: new UnreadFrames({ store, count, clock }) });
}

function senderStatus(members: Members, clock: Clock): SenderStatus {
  const { fence, status, openOrders, sentTimes, rehearsal } = members;
  return {
    ...fence.sender,
    ...fence.canaryStatus(),
    ...status.status(),
    ...sentTimes.of(fence.newestEpoch),
    rehearsed: rehearsal.status(),
    evidence: senderEvidence(members, clock),
    // A process that has lost the fence asks no more, and its successor may send.
    openOrders: fence.sender.role === 'fenced' ? null : openOrders.status(),
  };
}

function checksOf(members: Members, sweep: ApprovalSweep, clock: Clock): Execution['checks'] {
  const { fence, status, timer, ledger, reconciler, deadLetters, foreignOrders } = members;
  return new Map([
    ['fence', () => fence.check()],
    ['sending', () => status.check()],
    ['sweep', () => sweep.check()],
    ['reconcile', () => timer.check()],
    ['ledger', () => ledger.check()],
    ['clock', () => reconciler.clockCheck()],
    ['unknowns', () => unknownsCheck(members, clock)],
    ['dead letters', () => deadLetters.check()],
    ['foreign orders', () => foreignOrders.check()],
  ]);
}

function checkIdLength({ settings, venue }: ExecutionOptions): void {
  const { clientOrderIdMaxLength: limit } = venue.rules;
  if (limit >= CLIENT_ORDER_ID_LENGTH) return;
  const accepts = `${settings.venue.name} accepts client order IDs of at most ${limit} characters`;
  throw new ConfigError('SettingsInvalid', [
    `venue.name: ${accepts}, ours have ${CLIENT_ORDER_ID_LENGTH}; choose another venue`,
  ]);
}

function healthOf({ watched, budget }: Members): VenueHealth {
  return watched.health(budget.demandedForMs());
}

function figuresOf(members: Members, tag: string) {
  const { portfolio, orders, fence, comparisons, foreignOrders, states, ledger } = members;
  const { requests, failures, medianMs } = healthOf(members);
  return {
    ...portfolio.figures(),
    openOrders: orders.live().length,
    unknownOrders: orders.live().filter(({ state }) => state.kind === 'Unknown').length,
    epoch: fence.sender.epoch,
    lastReconcileAgeMs: comparisons.ageMs(),
    ...comparisons.figures(),
    tradingState: states.state,
    ledgerDrifts: ledger.problems.length,
    waitingTransfers: ledger.waitingTransfers,
    quarantined: foreignOrders.quarantined,
    foreignOrders: foreignOrders.status()?.openOrders ?? 0,
    stackTag: tag,
    budgetShared: String(members.budget.isShared),
    venueRequests: requests,
    venueFailures: Object.values(failures).reduce((sum, count) => sum + count, 0),
    venueMedianMs: medianMs ?? null,
    lateFills: orders.lateFills,
  };
}

/**
 * While a trading state forbids orders, the venue says what is open, whether this process knows it or not. Only a halt
 * needs a count: other states let orders be sent, so that no list is final.
 */
async function cancel({ canceller, openOrders, mayArrive, fence, states }: Members): Promise<void> {
  if (states.state !== 'Halted') openOrders.countAll();
  else openOrders.confirm(basisOf(fence, states), (haltedMs) => !mayArrive(haltedMs));
  if (states.state === 'Active') openOrders.expire();
  else openOrders.askDue();
  canceller.cancelDue();
  await Promise.resolve();
}

function basisOf(fence: SenderFence, states: TradingStates): HaltBasis {
  if (fence.grant !== undefined) return 'Granted';
  return states.status().persisted ? 'Recorded' : 'Commanded';
}

/** Forgets what an epoch has learned, so that the next one learns it as after a start. What was sent is remembered. */
function forget({ resetReconcile, deadLetters, resolver }: Members): void {
  resetReconcile();
  deadLetters.reset();
  // No order is live any more: this ends all inquiries.
  resolver.resolveDue();
}

function fencePart(fence: SenderFence): ServicePart {
  return { name: fence.name, run: async (signal) => await fence.run(signal) };
}
