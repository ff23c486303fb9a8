import type { ApprovedOrder, OrderRecord } from '../execution/core/order-record.ts';
import { createContext, START_MS, type ReplayContext } from './context.ts';
import { startDecisions } from './decisions.ts';
import { startWiredDecisions, type ServiceRestart } from './processes/wired-decisions.ts';
import {
  startProcess,
  type ExecutionProcess,
  type PortOverrides,
  type ProcessOptions,
} from './processes/execution-process.ts';
import type { ReplayRecord } from './record.ts';
import { createReplayVenue, type ReplayVenue } from './venue/replay-venue.ts';

/**
 * Replacement of the execution process. `Drained`: the predecessor hands over and ends. `Killed`: it is killed.
 * `CutOff`: it keeps running beside its successor without knowing that it is cut off. `Frozen`: it is frozen, and
 * resumes after its successor has started sending.
 */
export interface Succession {
  /** The replacement happens with the next order after this time. */
  readonly afterMs: number;
  readonly kind: 'Drained' | 'Killed' | 'CutOff' | 'Frozen';
  /** Order to approve when the trouble around the replacement is over. */
  readonly approves?: (before: OrderRecord) => ApprovedOrder;
}

export interface Intervention {
  readonly afterMs: number;
  readonly act: (record: ReplayRecord) => void;
}

export type ReplayOptions = Parameters<typeof createContext>[0] & {
  readonly successions?: readonly Succession[];
  readonly overrides?: PortOverrides;
  /** Processes of signal and risk that are replaced. Only with `redis`: without it, both are parts of one process. */
  readonly restarts?: readonly ServiceRestart[];
  /** What a person does to the record, milliseconds after the start. */
  readonly interventions?: readonly Intervention[];
};
export type ReplayResult = Awaited<ReturnType<typeof runReplay>>;

/** Time after the tape, with trading halted, to cancel resting orders and resolve unknown ones. */
const SETTLE_MS = 60_000;
const FROZEN_MS = 8_000;
const TROUBLE_MS = 1_000;
/** Interval at which the operator checks whether a process can be activated. */
const OPERATOR_MS = 200;

/**
 * Runs the whole order path, from the tape to the ledger, in this process and on virtual time. Same options, same
 * result.
 */
export async function runReplay(options: ReplayOptions) {
  const context = createContext(options);
  const { scheduler, market, digest, record, network, endMs } = context;
  const processes: ExecutionProcess[] = [];
  const trouble = { untilMs: 0 };
  const decisions =
    context.redis === undefined
      ? startDecisions(context, (decisionId) => {
          for (const process of processes) process.onApproval(decisionId);
        })
      : startWiredDecisions(context, context.redis, options.restarts ?? []);
  decisions.feed.publish(market.open(START_MS));
  decisions.feed.start();
  const venue = createReplayVenue({
    market,
    scheduler,
    network,
    faults: context.venueFaults,
    isTroubled: () => scheduler.nowMs() < trouble.untilMs,
    wired: context.redis !== undefined,
    onEvents: (events) => decisions.feed.publish(events),
    onPush: (push) => {
      for (const process of processes) process.onPush(push);
    },
  });
  startProcesses({ context, venue, quotes: decisions, processes, trouble, ...options });
  for (const { afterMs, act } of options.interventions ?? []) scheduler.after(afterMs, () => act(record));
  const events = await scheduler.run(endMs + SETTLE_MS);
  const findings = await Promise.all(processes.map(async (process) => await process.findings()));
  return {
    digest: digest.hex(),
    facts: digest.facts,
    events,
    counts: decisions.counts,
    rebuilds: decisions.feed.rebuilds,
    record,
    venue,
    instruments: context.instruments,
    tape: options.tape,
    endMs,
    /** Entries that Redis delivered more than once. */
    claimedEntries: context.redis?.server.claimed ?? 0,
    findings: findings.flat(),
    /** Checks that the last process reports. */
    checks: [...(processes.at(-1)?.execution.checks ?? [])].map(([name, check]) => ({ name, ...check() })),
    roles: processes.map(({ execution }) => execution.sender().role),
  };
}

interface Stage extends Pick<ReplayOptions, 'successions' | 'overrides'> {
  readonly context: ReplayContext;
  readonly venue: ReplayVenue;
  readonly quotes: Pick<ProcessOptions, 'marks' | 'bestBid'>;
  readonly processes: ExecutionProcess[];
  readonly trouble: { untilMs: number };
}

/** Starts the first process, and its successors at their times. */
function startProcesses({ context, venue, quotes, processes, trouble, successions = [], overrides = {} }: Stage): void {
  const { scheduler, record, hop } = context;
  const start = (): void => {
    const epoch = processes.length + 1;
    const process = startProcess({ ...quotes, context, venue, incarnation: `execution-${epoch}`, overrides });
    processes.push(process);
    activate(context, process, epoch);
  };
  start();
  const replace = (kind: Succession['kind']): void => {
    const before = processes.at(-1);
    if (kind === 'Killed') before?.kill();
    if (kind === 'Frozen') before?.freeze(FROZEN_MS);
    if (kind === 'Drained') void before?.drain().then(start, start);
    else start();
  };
  const approve = (approves: Succession['approves']): void => {
    const before = record.orders.at(-1);
    const order = before && approves?.(before);
    if (order === undefined) return;
    record.store.approvals.push(order);
    for (const process of processes) process.onApproval(order.decisionId);
  };
  for (const { afterMs, kind, approves } of successions) {
    scheduler.at(START_MS + afterMs, () => {
      record.atNextIntent(() => {
        trouble.untilMs = scheduler.nowMs() + TROUBLE_MS;
        hop(() => replace(kind));
        scheduler.after(TROUBLE_MS, () => approve(approves));
      });
    });
  }
}

/** Plays the operator: grants the epoch as soon as the process is armed, and retries while the answer is lost. */
function activate({ scheduler }: ReplayContext, { execution }: ExecutionProcess, epoch: number): void {
  const tryActivate = async (): Promise<void> => {
    await scheduler.sleep(OPERATOR_MS);
    const { role } = execution.sender();
    const granted = role === 'armed' && (await execution.activate(epoch).catch(() => undefined))?.accepted === true;
    if (!granted && (role === 'warming' || role === 'armed')) await tryActivate();
  };
  void tryActivate();
}
