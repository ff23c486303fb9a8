import type { Fate, Network } from '../../services/replay/core/network.ts';
import type { CommandFate, RedisFaults, RedisRestart } from '../../services/replay/core/redis-faults.ts';
import type { ServiceRestart } from '../../services/replay/processes/wired-decisions.ts';
import type { StoreFaults } from '../../services/replay/core/store-faults.ts';
import { ORDER_REFUSALS, type VenueFaults } from '../../services/replay/core/venue-faults.ts';
import type { ReplayResult } from '../../services/replay/run-replay.ts';
import { SPARE_SUCCESSIONS, type Succession } from '../../services/replay/senders.ts';
import { SWAP_OPERATORS, type SwapOperator } from '../../services/replay/swap-sender.ts';
import type { OrderStep } from '../../services/replay/core/order-step.ts';
import type { ExitStep } from '../../services/replay/core/exit-step.ts';
import type { DriftPeriod } from '../judges/drift-violations.ts';
import { ACCOUNT_BREAKERS } from '../../services/shared/domain/breaker.ts';
import { ZERO, type Decimal } from '../../services/shared/domain/decimal.ts';
import { assetsOf } from '../../services/shared/domain/instrument.ts';
import type { Side } from '../../services/shared/domain/side.ts';
import { STOP_KINDS, type StopKind } from '../../services/shared/domain/stop.ts';
import type { OrderStateKind } from '../../services/shared/domain/orders/order.ts';

const FAULTS = ['RequestLost', 'ReplyLost', 'RequestLate', 'OrderHidden', 'PushLost', 'StatementLost'] as const;
const SUCCESSIONS = ['Killed', 'CutOff', 'Frozen', 'Drained', 'Swapped'] as const;
/** Back: to a process that had been drained before. Unclean: the old sender had not drained when it was replaced. */
const SWAPS = ['Clean', 'Unclean', 'Back'] as const;
const STATES = [
  'Intended',
  'Submitted',
  'Open',
  'PartiallyFilled',
  'CancelPending',
  'Unknown',
  'Filled',
  'Cancelled',
  'Rejected',
  'NeverSent',
] as const;
const COURSES = [
  'OrderNeverArrived',
  'FilledAfterUnknown',
  'CancelledAfterUnknown',
  'FourSenders',
  'SenderFenced',
  'ExitWorked',
] as const;

const VENUE_FAULTS = [
  'PushRepeated',
  'PushOvertaken',
  'RateLimited',
  'Banned',
  'FailedBeforeAccept',
  'FailedAfterAccept',
  'FillShownLate',
  'BalanceShownLate',
  'FeeInQuote',
  'FeeInBase',
  'FeeInCoin',
  'ForeignBuy',
  'ForeignSale',
  'OrderQuarantined',
  ...ORDER_REFUSALS.map((name) => `Refused${name}` as const),
] as const;

const REDIS_FAULTS = [
  'CommandLost',
  'ReplyLost',
  'RestartedKept',
  'RestartedOlder',
  'RestartedEmpty',
  'EntryClaimed',
] as const;
const STORE_FAULTS = ['StatementSlow', 'CommitUnknown', 'OrdersLocked'] as const;
/** The last two: a sale was approved while a breaker was tripped, and a buy after it had left. */
const BREAKER_COURSES = ['BreakerTripped', 'BreakerLeft', 'SoldWhileTripped', 'BoughtAfterBreaker'] as const;
/** The last two: an intent to sell was committed while an asset drifted, and one to buy after the booking. */
const DRIFT_COURSES = ['Drift', 'DriftBooked', 'SoldBesideDrift', 'BoughtAfterDrift'] as const;
/** Twice another release became active; an armed process approved an exit while the active release was silent. */
const RISK_COURSES = ['Swapped', 'ExitByArmed'] as const;
const KILLED = ['signal', 'risk'] as const;
/** Above it a kill of risk is a long outage. */
const LONG_OUTAGE_MS = 30_000;

type RedisFault = (typeof REDIS_FAULTS)[number];
type StoreFault = (typeof STORE_FAULTS)[number];
type Fault = (typeof FAULTS)[number];
type VenueFault = (typeof VENUE_FAULTS)[number];
type Course = (typeof COURSES)[number];

/** A fault of a part, a killed process, a change of the sender, an order state, a course of a run, a stop. */
export type SeenEvent =
  | `fault ${Fault}`
  | `venue ${VenueFault}`
  | `redis ${RedisFault}`
  | `store ${StoreFault}`
  | `killed ${(typeof KILLED)[number]}`
  | 'killed risk for long'
  | `risk ${(typeof RISK_COURSES)[number]}`
  | `sender ${Succession['kind']}`
  | `swap ${SwapOperator | (typeof SWAPS)[number]}`
  | `state ${OrderStateKind}`
  | `run ${Course}`
  | 'run FewOrders'
  | 'run HeldAssetSpent'
  | `run ${(typeof BREAKER_COURSES | typeof DRIFT_COURSES)[number]}`
  | `stop ${StopKind}`;

/** Every event that the seeds of the sender alone must exercise. No strategy has a position there that it leaves. */
const EXPECTED_OF_SENDERS: readonly SeenEvent[] = [
  ...FAULTS.map((name) => `fault ${name}` as const),
  ...SUCCESSIONS.map((name) => `sender ${name}` as const),
  ...[...SWAPS, ...SWAP_OPERATORS].map((name) => `swap ${name}` as const),
  ...STATES.map((name) => `state ${name}` as const),
  ...COURSES.filter((name) => name !== 'ExitWorked').map((name) => `run ${name}` as const),
];

/** Every event that the seeds with swaps and takeovers must exercise. */
export const EXPECTED_OF_SWAPS: readonly SeenEvent[] = [
  ...EXPECTED_OF_SENDERS,
  ...SPARE_SUCCESSIONS.map((name) => `sender ${name}` as const),
];

/** Every event that the seeds must exercise. */
export const EXPECTED_EVENTS: readonly SeenEvent[] = [
  ...EXPECTED_OF_SENDERS,
  'run ExitWorked',
  ...STOP_KINDS.map((name) => `stop ${name}` as const),
];

/** Every event that the seeds of the whole stack must exercise. */
export const EXPECTED_OF_STACK: readonly SeenEvent[] = [
  ...EXPECTED_EVENTS,
  ...VENUE_FAULTS.map((name) => `venue ${name}` as const),
  ...REDIS_FAULTS.map((name) => `redis ${name}` as const),
  ...STORE_FAULTS.map((name) => `store ${name}` as const),
  ...KILLED.map((name) => `killed ${name}` as const),
  'killed risk for long',
  'run HeldAssetSpent',
  ...[...BREAKER_COURSES, ...DRIFT_COURSES].map((name) => `run ${name}` as const),
  ...RISK_COURSES.map((name) => `risk ${name}` as const),
];

/** Returns the network unchanged, and the faults that it has drawn so far. */
export function observedNetwork(network: Network): {
  readonly network: Network;
  readonly faults: ReadonlySet<SeenEvent>;
} {
  const faults = new Set<SeenEvent>();
  const observe = (fault: Fault, occurred: boolean): boolean => {
    if (occurred) faults.add(`fault ${fault}`);
    return occurred;
  };
  return {
    faults,
    network: {
      ...network,
      fate: (troubled) => {
        const fate: Fate = network.fate(troubled);
        if (fate !== 'Delivered') observe(fate, true);
        return fate;
      },
      hiddenMs: () => {
        const hiddenMs = network.hiddenMs();
        observe('OrderHidden', hiddenMs > 0);
        return hiddenMs;
      },
      losesPush: () => observe('PushLost', network.losesPush()),
      losesStatement: () => observe('StatementLost', network.losesStatement()),
    },
  };
}

/** Returns the faults of the venue unchanged, and those that it has drawn so far. */
export function observedVenue(faults: VenueFaults): {
  readonly faults: VenueFaults;
  readonly seen: ReadonlySet<SeenEvent>;
} {
  const seen = new Set<SeenEvent>();
  const observed =
    <T>(draw: () => T, eventOf: (drawn: T) => VenueFault | undefined) =>
    (): T => {
      const drawn = draw();
      const event = eventOf(drawn);
      if (event !== undefined) seen.add(`venue ${event}`);
      return drawn;
    };
  const when =
    (event: VenueFault) =>
    (ms: number | undefined): VenueFault | undefined =>
      ms === undefined || ms === 0 ? undefined : event;
  return {
    seen,
    faults: {
      ...faults,
      copyMs: observed(faults.copyMs, when('PushRepeated')),
      overtakenMs: observed(faults.overtakenMs, when('PushOvertaken')),
      limitMs: observed(faults.limitMs, when('RateLimited')),
      banMs: observed(faults.banMs, when('Banned')),
      failure: observed(faults.failure, (failure) => (failure === undefined ? undefined : `Failed${failure}`)),
      fillLateMs: observed(faults.fillLateMs, when('FillShownLate')),
      orderRefusal: observed(faults.orderRefusal, (refusal) => refusal && `Refused${refusal}`),
      balanceLateMs: observed(faults.balanceLateMs, when('BalanceShownLate')),
    },
  };
}

/** Returns the faults of the database unchanged, and those that it has drawn so far. */
export function observedStore(faults: StoreFaults): {
  readonly faults: StoreFaults;
  readonly seen: ReadonlySet<SeenEvent>;
} {
  const seen = new Set<SeenEvent>();
  const note = <T extends number | boolean>(event: StoreFault, drawn: T): T => {
    if (drawn !== 0 && drawn !== false) seen.add(`store ${event}`);
    return drawn;
  };
  return {
    seen,
    faults: {
      slowMs: () => note('StatementSlow', faults.slowMs()),
      losesCommit: () => note('CommitUnknown', faults.losesCommit()),
      lockedForMs: (afterMs) => note('OrdersLocked', faults.lockedForMs(afterMs)),
      lockMs: faults.lockMs,
    },
  };
}

/** Returns the faults of the connections to Redis unchanged, and those that they have drawn so far. */
export function observedRedis(faults: RedisFaults): {
  readonly faults: RedisFaults;
  readonly seen: ReadonlySet<SeenEvent>;
} {
  const seen = new Set<SeenEvent>();
  const fate = (): CommandFate => {
    const drawn = faults.fate();
    if (drawn !== 'Delivered') seen.add(`redis ${drawn}`);
    return drawn;
  };
  return { seen, faults: { ...faults, fate } };
}

/** Returns the restarts of Redis, its repeated deliveries and the killed processes of a run. */
export function processEvents(
  { claimedEntries }: Pick<ReplayResult, 'claimedEntries'>,
  redis: readonly Pick<RedisRestart, 'kind'>[],
  services: readonly Pick<ServiceRestart, 'service' | 'downMs'>[],
): readonly SeenEvent[] {
  return [
    ...redis.map(({ kind }) => `redis Restarted${kind}` as const),
    ...services.map(({ service }) => `killed ${service}` as const),
    ...(services.some(({ downMs }) => downMs > LONG_OUTAGE_MS) ? (['killed risk for long'] as const) : []),
    ...(claimedEntries > 0 ? (['redis EntryClaimed'] as const) : []),
  ];
}

interface ObservedAccount {
  readonly record: { readonly store: Pick<ReplayResult['record']['store'], 'fills' | 'quarantined'> };
  readonly venue: Pick<ReplayResult['venue'], 'foreign'>;
}

/** Returns what the account shows of the venue's fees and of orders by somebody else. */
export function accountEvents({ record, venue }: ObservedAccount): readonly SeenEvent[] {
  const fees = record.store.fills.all.map(({ symbol, feeAsset }): VenueFault => {
    const { base, quote } = assetsOf(symbol);
    if (feeAsset === base) return 'FeeInBase';
    return feeAsset === quote ? 'FeeInQuote' : 'FeeInCoin';
  });
  const foreign = [...venue.foreign.values()].map((side): VenueFault =>
    side === 'buy' ? 'ForeignBuy' : 'ForeignSale',
  );
  const quarantined: readonly VenueFault[] = record.store.quarantined.size > 0 ? ['OrderQuarantined'] : [];
  return [...new Set([...fees, ...foreign, ...quarantined])].map((event) => `venue ${event}` as const);
}

/** Returns whether a buy was approved that spends an asset of which a position of another pair holds some. */
export function positionEvents(steps: readonly ExitStep[]): readonly SeenEvent[] {
  const held = new Map<string, Decimal>();
  const isSpent = steps.some((step) => {
    if (step.kind === 'Held') held.set(`${step.strategy} ${step.symbol}`, step.quantity);
    if (step.kind !== 'Approved' || step.side !== 'buy') return false;
    const { quote } = assetsOf(step.symbol);
    return [...held].some(([key, quantity]) => quantity > ZERO && key.split(' ')[1]?.startsWith(`${quote}/`));
  });
  return isSpent ? ['run HeldAssetSpent'] : [];
}

/** Returns what the breakers of loss and drawdown did in a run, and what was traded meanwhile and afterwards. */
export function breakerEvents({ breakerSteps, exitSteps }: ObservedBreakers): readonly SeenEvent[] {
  const steps = breakerSteps.filter(({ breaker }) => (ACCOUNT_BREAKERS as readonly string[]).includes(breaker));
  const isTrippedAt = (index: number): boolean => steps.findLast((one) => one.afterSteps <= index)?.kind === 'Tripped';
  const firstLeft = steps.find(({ kind }) => kind === 'Left')?.afterSteps ?? Infinity;
  const isApproved = (side: Side, when: (index: number) => boolean): boolean =>
    exitSteps.some((step, index) => step.kind === 'Approved' && step.side === side && when(index));
  const courses: Readonly<Record<(typeof BREAKER_COURSES)[number], boolean>> = {
    BreakerTripped: steps.length > 0,
    BreakerLeft: firstLeft < Infinity,
    SoldWhileTripped: isApproved('sell', isTrippedAt),
    BoughtAfterBreaker: isApproved('buy', (index) => index >= firstLeft),
  };
  return BREAKER_COURSES.filter((course) => courses[course]).map((course) => `run ${course}` as const);
}

type ObservedBreakers = Pick<ReplayResult['record'], 'breakerSteps' | 'exitSteps'>;

interface ObservedDrifts {
  readonly periods: readonly DriftPeriod[];
  /** Whether nothing drifted in the end, and all was booked. */
  readonly isSettled: boolean;
}

/** Returns what a drift that a person ended did in a run, and what was sent meanwhile and afterwards. */
export function driftEvents({ periods, isSettled }: ObservedDrifts, steps: readonly OrderStep[]): readonly SeenEvent[] {
  const isSent = (side: Side, when: (atMs: number, period: DriftPeriod) => boolean): boolean =>
    steps.some(
      (step) => step.state === 'Intended' && step.side === side && periods.some((one) => when(step.at_ms, one)),
    );
  const courses: Readonly<Record<(typeof DRIFT_COURSES)[number], boolean>> = {
    Drift: periods.length > 0,
    DriftBooked: periods.length > 0 && isSettled,
    SoldBesideDrift: isSent('sell', (atMs, { fromMs, toMs }) => atMs > fromMs && atMs < toMs),
    BoughtAfterDrift: isSent('buy', (atMs, { toMs }) => atMs > toMs),
  };
  return DRIFT_COURSES.filter((course) => courses[course]).map((course) => `run ${course}` as const);
}

type ObservedReleases = Pick<ReplayResult['record'], 'releaseSteps' | 'exitSteps'> & {
  readonly store: {
    readonly approvals: readonly Pick<
      ReplayResult['record']['store']['approvals'][number],
      'clientOrderId' | 'release'
    >[];
  };
};

/** Returns what changes of the release of risk did in a run. */
export function releaseEvents({ releaseSteps, exitSteps, store }: ObservedReleases): readonly SeenEvent[] {
  const releaseOf = new Map(store.approvals.map(({ clientOrderId, release }) => [clientOrderId, release]));
  const activeAt = (index: number) => releaseSteps.findLast(({ afterExitSteps }) => afterExitSteps <= index)?.release;
  const courses: Readonly<Record<(typeof RISK_COURSES)[number], boolean>> = {
    Swapped: releaseSteps.at(-1)?.epoch === 3,
    ExitByArmed: exitSteps.some(
      (step, index) =>
        step.kind === 'Approved' && step.side === 'sell' && releaseOf.get(step.client_order_id) !== activeAt(index),
    ),
  };
  return RISK_COURSES.filter((course) => courses[course]).map((course) => `risk ${course}` as const);
}

interface ObservedRun extends Pick<ReplayResult, 'roles' | 'successions' | 'swaps'> {
  readonly record: Pick<ReplayResult['record'], 'steps' | 'exitSteps' | 'orders'> & {
    readonly store: { readonly orders: Pick<ReplayResult['record']['store']['orders'], 'get'> };
  };
}

/** Returns the changes of the sender, order states and courses of a run. May contain an event several times. */
export function eventsOf({ record, roles, successions, swaps }: ObservedRun): readonly SeenEvent[] {
  const { steps, exitSteps, orders, store } = record;
  const changes = successions.map((kind) => `sender ${kind}` as const);
  const swapped = swaps.flatMap(({ operator, clean, back }) => {
    const seen = [operator, clean ? 'Clean' : 'Unclean', ...(back ? (['Back'] as const) : [])] as const;
    return seen.map((name) => `swap ${name}` as const);
  });
  const states = steps.map(({ state }) => `state ${state as OrderStateKind}` as const);
  const endsAfterUnknown = new Set(
    steps.filter(({ state }) => state === 'Unknown').map(({ client_order_id: id }) => store.orders.get(id)?.state.kind),
  );
  const courses: Readonly<Record<Course, boolean>> = {
    OrderNeverArrived: orders.some(({ state }) => state.kind === 'NeverSent' && state.reason === 'NeverArrived'),
    FilledAfterUnknown: endsAfterUnknown.has('Filled'),
    CancelledAfterUnknown: endsAfterUnknown.has('Cancelled'),
    FourSenders: new Set(orders.map(({ epoch }) => epoch)).size === 4,
    SenderFenced: roles.includes('fenced'),
    ExitWorked: orders.some(({ decisionId }) => decisionId.startsWith('exit:')),
  };
  const seen = COURSES.filter((course) => courses[course]).map((course) => `run ${course}` as const);
  const stops = exitSteps.flatMap((step) => (step.kind === 'StopTriggered' ? [`stop ${step.stop}` as const] : []));
  return [...changes, ...swapped, ...states, ...seen, ...stops];
}
