import type { ApprovedOrder, OrderRecord } from '../execution/core/order-record.ts';
import type { CanaryTerms } from '../shared/contracts/control.ts';
import { START_MS, type ReplayContext } from './context.ts';
import type { ExecutionProcess } from './processes/execution-process.ts';
import { playCanary, type PlannedCanary, type PlayedCanary } from './play-canary.ts';
import { sellFirst, type Sale } from './sell-first.ts';
import { swapSender, type SwapEnd, type SwapOperator } from './swap-sender.ts';

/**
 * Replacement of the execution process. `Drained`: the predecessor hands over and ends. `Killed`: it is killed.
 * `CutOff`: it keeps running beside its successor without knowing that it is cut off. `Frozen`: it is frozen, and
 * resumes after its successor has started sending. `Swapped`: it hands over to a process that waits for it, and waits
 * itself from then on. `SpareAfterKill`, `SpareAfterFreeze`: a process that is armed beside it takes over once the
 * operator has missed it; what was killed starts again, and waits.
 */
export interface Succession {
  /** The replacement happens with the next order after this time. */
  readonly afterMs: number;
  readonly kind: 'Drained' | 'Killed' | 'CutOff' | 'Frozen' | 'Swapped' | SpareSuccession;
  /** The operator of a swap. Default: one that does all in its order. */
  readonly operator?: SwapOperator;
  /** Flat: every position is sold before a swap. Default: Carry. */
  readonly positions?: 'Carry' | 'Flat';
  /** With what the next sender of a swap begins. Default: no canary. */
  readonly canary?: PlannedCanary;
  /** Order to approve when the trouble around the replacement is over. */
  readonly approves?: (before: OrderRecord) => ApprovedOrder;
}

export const SPARE_SUCCESSIONS = ['SpareAfterKill', 'SpareAfterFreeze'] as const;
type SpareSuccession = (typeof SPARE_SUCCESSIONS)[number];

export interface Senders {
  /** Every process that was started, oldest first. */
  readonly processes: readonly ExecutionProcess[];
  /** The one that sends, or is about to. */
  readonly current: () => ExecutionProcess | undefined;
  /** Replacements that happened: each waits for the next order, which may not come. */
  readonly happened: readonly Succession['kind'][];
  /** When each of them began, and when an operator chose the next sender. Virtual milliseconds. */
  readonly changedAtMs: readonly number[];
  /** How the swaps ended. */
  readonly swaps: readonly SwapEnd[];
  /** Sales of every position before a swap that have ended. */
  readonly sales: readonly Sale[];
  readonly canaries: readonly PlayedCanary[];
  readonly startAll: (successions?: readonly Succession[]) => void;
}

export interface SendersOptions {
  readonly context: ReplayContext;
  readonly startProcess: (incarnation: string) => ExecutionProcess;
  /** Until when the venue is troubled. Milliseconds. */
  readonly trouble: { untilMs: number };
}

const FROZEN_MS = 8_000;
const TROUBLE_MS = 1_000;
/** The operator asks the sender each quarter of a second, and misses two answers. */
const MISSED_MS = 750;
/** Interval at which the operator checks whether a process can be activated. */
const OPERATOR_MS = 200;

/** Creates the processes that send, one at a time, and the operator that decides which one does. */
export function createSenders({ context, startProcess, trouble }: SendersOptions): Senders {
  const { scheduler, record } = context;
  const processes: ExecutionProcess[] = [];
  const swaps: SwapEnd[] = [];
  const sales: Sale[] = [];
  const canaries: PlayedCanary[] = [];
  const happened: Succession['kind'][] = [];
  const changedAtMs: number[] = [];
  const at: { epoch: number; current: ExecutionProcess | undefined } = { epoch: 0, current: undefined };
  const launch = (): ExecutionProcess => {
    const process = startProcess(`execution-${processes.length + 1}`);
    processes.push(process);
    return process;
  };
  const activateNext = (process: ExecutionProcess, planned?: PlannedCanary): number => {
    at.epoch += 1;
    changedAtMs.push(scheduler.nowMs());
    at.current = process;
    const canary = planned && playCanary(planned, at.epoch, { scheduler, process });
    if (canary !== undefined) canaries.push(canary);
    void activate(context, process, { epoch: at.epoch, canary });
    return at.epoch;
  };
  const start = (): void => void activateNext(launch());
  const swap = async (from: ExecutionProcess, operator: SwapOperator, canary?: PlannedCanary): Promise<void> => {
    const to = processes.find((one) => one !== from && !one.isDead() && roleOf(one) === 'standby') ?? launch();
    const isCurrent = (): boolean => at.current === from;
    const order = { scheduler, from, to, operator, isCurrent, activate: () => activateNext(to, canary) };
    const end = await swapSender(order);
    swaps.push(end);
    if (end.activated === undefined) await lookAgain();
  };
  const sellAndSwap = async (operator: SwapOperator): Promise<void> => {
    const swapCurrent = async () => {
      if (at.current !== undefined) await swap(at.current, operator);
      await untilSettled(context, at);
    };
    sales.push(await sellFirst({ scheduler, store: record.store, swap: swapCurrent }));
  };
  /** After two swaps at once, perhaps neither has activated a process: an operator that looks again activates one. */
  const lookAgain = async (): Promise<void> => {
    while (roleOf(at.current) === 'draining') await scheduler.sleep(OPERATOR_MS);
    if (['standby', 'fenced'].includes(roleOf(at.current) ?? '')) start();
  };
  const replace = (succession: Succession): void => {
    const [{ kind, operator = 'Steady', canary }, before] = [succession, at.current];
    happened.push(kind);
    changedAtMs.push(scheduler.nowMs());
    if (sellsFirst(succession)) return void sellAndSwap(operator);
    if (kind === 'Swapped' && before !== undefined) return void swap(before, operator, canary);
    if (isSpareKind(kind)) return takeOverBySpare(kind, { scheduler, processes, before, launch, at, activateNext });
    disturb(kind, before);
    if (kind === 'Drained') void before?.drain().then(start, start);
    else start();
  };
  return {
    processes,
    happened,
    changedAtMs,
    swaps,
    sales,
    canaries,
    current: () => at.current,
    startAll: (successions = []) => {
      start();
      if (successions.some(({ kind }) => isSpareKind(kind))) launch();
      const approve = approverOf(context, processes);
      for (const succession of successions) atNextOrder(context, succession, { trouble, replace, approve });
    },
  };
}

/** Waits until a process that was chosen to send does, or has ended. */
async function untilSettled(
  { scheduler }: ReplayContext,
  at: { readonly current: ExecutionProcess | undefined },
): Promise<void> {
  while (['warming', 'armed', 'activating'].includes(roleOf(at.current) ?? '')) await scheduler.sleep(OPERATOR_MS);
}

interface Disturbance {
  readonly trouble: SendersOptions['trouble'];
  readonly replace: (succession: Succession) => void;
  readonly approve: (approves: Succession['approves']) => void;
}

/** The venue is troubled from the order on at which the process is replaced. */
function atNextOrder(
  { scheduler, record, hop }: ReplayContext,
  succession: Succession,
  { trouble, replace, approve }: Disturbance,
): void {
  scheduler.at(START_MS + succession.afterMs, () => {
    record.atNextIntent(() => {
      trouble.untilMs = scheduler.nowMs() + TROUBLE_MS;
      hop(() => replace(succession));
      scheduler.after(TROUBLE_MS, () => approve(succession.approves));
    });
  });
}

function approverOf({ record }: ReplayContext, processes: readonly ExecutionProcess[]) {
  return (approves: Succession['approves']): void => {
    const before = record.orders.at(-1);
    const order = before && approves?.(before);
    if (order === undefined) return;
    record.store.approvals.push(order);
    for (const process of processes) process.onApproval(order.decisionId);
  };
}

function sellsFirst({ kind, positions }: Succession): boolean {
  return kind === 'Swapped' && positions === 'Flat';
}

function isSpareKind(kind: Succession['kind']): kind is SpareSuccession {
  return kind === 'SpareAfterKill' || kind === 'SpareAfterFreeze';
}

function disturb(kind: Succession['kind'], process: ExecutionProcess | undefined): void {
  if (kind === 'Killed') process?.kill();
  if (kind === 'Frozen') process?.freeze(FROZEN_MS);
}

interface Takeover {
  readonly scheduler: ReplayContext['scheduler'];
  readonly processes: readonly ExecutionProcess[];
  readonly before: ExecutionProcess | undefined;
  readonly launch: () => ExecutionProcess;
  readonly at: { readonly current: ExecutionProcess | undefined };
  readonly activateNext: (process: ExecutionProcess) => number;
}

/** A process that waits is armed, as beside every sender; one that drained may stand in. */
function takeOverBySpare(
  kind: SpareSuccession,
  { scheduler, processes, before, launch, at, activateNext }: Takeover,
): void {
  if (kind === 'SpareAfterKill') {
    before?.kill();
    launch();
  } else before?.freeze(FROZEN_MS);
  scheduler.after(MISSED_MS, () => {
    // Another operator may have chosen the next sender meanwhile.
    if (at.current !== before) return;
    const waits = (one: ExecutionProcess): boolean => ['armed', 'standby'].includes(roleOf(one) ?? '');
    const spare = processes.find((one) => one !== before && !one.isDead() && waits(one));
    activateNext(spare ?? launch());
  });
}

function roleOf(process: ExecutionProcess | undefined) {
  return process?.execution.sender().role;
}

/** Plays the operator: grants the epoch as soon as the process can take it, and retries while the answer is lost. */
async function activate(
  { scheduler }: ReplayContext,
  { execution }: ExecutionProcess,
  { epoch, canary }: { readonly epoch: number; readonly canary: CanaryTerms | undefined },
): Promise<void> {
  for (;;) {
    await scheduler.sleep(OPERATOR_MS);
    const { role } = execution.sender();
    const mayTake = role === 'armed' || role === 'standby';
    const granted = mayTake && (await execution.activate(epoch, canary).catch(() => undefined))?.accepted === true;
    if (granted || !(mayTake || role === 'warming')) return;
  }
}
