import { createContext, START_MS, type ReplayContext } from './context.ts';
import { startDecisions, type Decisions } from './decisions.ts';
import { startWiredDecisions, type RiskSwap, type ServiceRestart } from './processes/wired-decisions.ts';
import type { RiskOptions } from './processes/risk-process.ts';
import { startProcess, type PortOverrides } from './processes/execution-process.ts';
import { createSenders, type Senders, type Succession } from './senders.ts';
import type { ReplayRecord } from './record.ts';
import { createReplayVenue, type ReplayVenue } from './venue/replay-venue.ts';

export interface Intervention {
  readonly afterMs: number;
  readonly act: (record: ReplayRecord, venue: ReplayVenue) => void;
}

/** Wraps the ports that the services are given. */
export interface Overrides extends PortOverrides {
  /** Store of each process of risk. Only with `redis`. */
  readonly risk?: RiskOptions['wrapStore'];
}

export type ReplayOptions = Parameters<typeof createContext>[0] & {
  readonly successions?: readonly Succession[];
  readonly overrides?: Overrides;
  /** Processes of signal and risk that are replaced. Only with `redis`: without it, both are parts of one process. */
  readonly restarts?: readonly ServiceRestart[];
  /** Changes of the release of risk. Only with `redis`. */
  readonly riskSwaps?: readonly RiskSwap[];
  /** Time after the tape, with trading halted, to cancel resting orders and resolve unknown ones. Default: a minute. */
  readonly settleMs?: number;
  /** Decides in place of signal and risk. */
  readonly decide?: (context: ReplayContext, onApproved: (decisionId: string) => void) => Decisions;
  /** What a person sees and does, milliseconds after the start. */
  readonly interventions?: readonly Intervention[];
};
export type ReplayResult = Awaited<ReturnType<typeof runReplay>>;

const SETTLE_MS = 60_000;

/**
 * Runs the whole order path, from the tape to the ledger, in this process and on virtual time. Same options, same
 * result.
 */
export async function runReplay(options: ReplayOptions) {
  const context = createContext(options);
  const { scheduler, market, digest, record, network, endMs } = context;
  const trouble = { untilMs: 0 };
  const decisions = decisionsOf(options, context, (decisionId) => {
    for (const process of senders.processes) process.onApproval(decisionId);
  });
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
      for (const process of senders.processes) process.onPush(push);
    },
  });
  const { marks, bestBid } = decisions;
  const senders: Senders = createSenders({
    context,
    trouble,
    startProcess: (incarnation) => startProcess({ ...options, marks, bestBid, context, venue, incarnation }),
  });
  senders.startAll(options.successions);
  for (const { afterMs, act } of options.interventions ?? []) scheduler.after(afterMs, () => act(record, venue));
  const overMs = endMs + (options.settleMs ?? SETTLE_MS);
  const events = await scheduler.run(overMs);
  const { processes, swaps, sales, canaries } = senders;
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
    /** Virtual time at which the run is over. */
    overMs,
    /** Entries that Redis delivered more than once. */
    claimedEntries: context.redis?.server.claimed ?? 0,
    findings: findings.flat(),
    /** Replacements of the sender that happened. */
    successions: senders.happened,
    /** When each of them began, and when an operator chose the next sender. Virtual milliseconds. */
    changedAtMs: senders.changedAtMs,
    /** How the swaps of the sender ended. */
    swaps,
    sales,
    canaries,
    /** Checks that the last sender reports. */
    checks: [...(senders.current()?.execution.checks ?? [])].map(([name, check]) => ({ name, ...check() })),
    roles: processes.map(({ execution }) => execution.sender().role),
  };
}

function decisionsOf(
  { decide = startDecisions, restarts = [], riskSwaps = [], overrides }: ReplayOptions,
  context: ReplayContext,
  onApproved: (decisionId: string) => void,
): Decisions {
  return context.redis === undefined
    ? decide(context, onApproved)
    : startWiredDecisions(context, context.redis, { restarts, riskSwaps, riskStore: overrides?.risk });
}
