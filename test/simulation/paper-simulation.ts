import { stackTagOf } from '../../services/shared/domain/ids.ts';
import { createGround, START_MS, type Ground } from './ground.ts';
import { startDecisions } from './simulated-decisions.ts';
import { SimulatedExecution } from './simulated-execution.ts';
import { sha256 } from './simulated-risk.ts';
import { createSimulatedVenue, type SimulatedVenue } from './simulated-venue.ts';

/** Execution is replaced: the one before is killed, or runs on beside its successor without knowing that it is cut off. */
export interface Succession {
  readonly afterMs: number;
  readonly kind: 'Killed' | 'CutOff';
}

export type SimulationOptions = Parameters<typeof createGround>[0] & {
  readonly successions?: readonly Succession[];
  /** The venue as execution's client has it, with a defect of the test's making. */
  readonly client?: (venue: SimulatedVenue) => SimulatedVenue;
};
export type SimulationResult = ReturnType<typeof runSimulation>;

/** After the tape, with everything halted: what rests is cancelled, what is unknown is resolved. */
const SETTLE_MS = 60_000;

/** The whole order path, from the tape to the books, in this process and on virtual time. Same options, same result. */
export function runSimulation(options: SimulationOptions) {
  const ground = createGround(options);
  const { scheduler, market, digest, record, network, endMs } = ground;
  const executions: SimulatedExecution[] = [];
  const decisions = startDecisions(ground, (order) => executions.at(-1)?.onApproved(order));
  decisions.feed.publish(market.open(START_MS));
  decisions.feed.start();
  const venue = createSimulatedVenue({
    market,
    scheduler,
    network,
    onEvents: (events) => decisions.feed.publish(events),
    onPush: (push) => {
      for (const execution of executions) execution.onPush(push);
    },
  });
  const client = options.client?.(venue) ?? venue;
  const { breaches, drifts } = startExecutions({ ground, venue: client, executions }, options.successions ?? []);
  const events = scheduler.run(endMs + SETTLE_MS);
  return {
    digest: digest.hex(),
    facts: digest.facts,
    events,
    counts: decisions.counts,
    outcomes: decisions.outcomes,
    rebuilds: decisions.feed.rebuilds,
    drifts,
    breaches,
    record,
    venue,
    roles: executions.map(({ role }) => role),
  };
}

interface Stage {
  readonly ground: Ground;
  readonly venue: SimulatedVenue;
  readonly executions: SimulatedExecution[];
}

function startExecutions({ ground, venue, executions }: Stage, successions: readonly Succession[]) {
  const { settings, scheduler } = ground;
  const breaches: string[] = [];
  const drifts: number[] = [];
  const world = {
    ...ground,
    venue,
    settings: settings.execution,
    tag: stackTagOf(settings.execution.stack.id, sha256),
    onBreach: (what: string) => breaches.push(what),
    onDrift: () => drifts.push(scheduler.nowMs()),
  };
  const start = (): void => {
    const epoch = executions.length + 1;
    const execution = new SimulatedExecution(world, `execution-${epoch}`);
    executions.push(execution);
    execution.activate(epoch);
  };
  start();
  for (const { afterMs, kind } of successions) {
    scheduler.at(START_MS + afterMs, () => {
      if (kind === 'Killed') executions.at(-1)?.kill();
      start();
    });
  }
  return { breaches, drifts };
}
