import type { FlattenStatus } from '../shared/contracts/statusz.ts';
import type { Clock } from '../shared/runtime/clock.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import { periodic, type Periodic } from '../shared/runtime/periodic.ts';
import type { TradingStates } from '../shared/trading-state/trading-states.ts';
import { afterAttempt, type Attempts } from './core/flatten/attempts.ts';
import { keyOf } from './core/flatten/exit.ts';
import { hasFlattened, haltWhenFlat, liftWhenNotRequested } from './core/flatten/flatten-halt.ts';
import { planFlatten, type FlattenPlan } from './core/flatten/flatten-plan.ts';
import { heldBy } from './core/holdings.ts';
import type { RiskState, Signal } from './core/risk-state.ts';
import type { Decided, RiskStore } from './ports.ts';
import type { RiskService } from './service.ts';
import { stateOf, type StateOptions } from './state-of.ts';

export interface FlattenerOptions extends StateOptions {
  readonly states: Pick<TradingStates, 'sources' | 'state' | 'status' | 'apply'>;
  readonly store: Pick<RiskStore, 'readAccount'>;
  readonly service: Pick<RiskService, 'onExit'>;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface Flattener extends Periodic {
  /** Null unless positions are being closed, or risk halted because they are, and while the account is unknown. */
  status(): FlattenStatus | null;
}

const EVERY_MS = 1_000;
const MESSAGE_MAX = 300;

/**
 * Creates the part that closes every position while the trading state is Flattening, then halts, and lifts that halt
 * when Flattening is no longer requested. It decides everything on the record, read again in each pass: only the waits
 * between attempts are lost when the process restarts.
 */
export function createFlattener(options: FlattenerOptions): Flattener {
  const { states, store, clock, log } = options;
  const attempts = new Map<string, Attempts>();
  let plan: FlattenPlan | undefined;

  const look = async (): Promise<void> => {
    // Read after the request was saved: from then on no entry can be committed that the account does not have.
    const saved = states.status().persisted;
    const nowMs = clock.nowMs();
    const state = stateOf(options, await store.readAccount(nowMs), nowMs);
    const marketOf = (symbol: string) => options.market.snapshot(symbol);
    plan = planFlatten({ state, marketOf, attempts, monotonicMs: clock.monotonicMs() });
    if (states.state !== 'Flattening') return;
    for (const signal of plan.due) await attempt(options, attempts, state, signal);
    const halt = plan.flat && saved ? haltWhenFlat(states.sources, plan.dust) : undefined;
    if (halt !== undefined) states.apply(halt);
  };

  const pass = async (): Promise<void> => {
    const lift = liftWhenNotRequested(states.sources);
    if (lift !== undefined) states.apply(lift);
    if (!isWorking(states)) return attempts.clear();
    try {
      await look();
    } catch (error) {
      plan = undefined;
      throw error;
    }
  };

  return {
    ...periodic({ name: 'flatten', intervalMs: EVERY_MS, task: pass, clock, log }),
    status: () => {
      if (plan === undefined || !isWorking(states)) return null;
      const { openPositions, problems } = plan;
      const reported = problems.map((problem) => ({ ...problem, message: problem.message.slice(0, MESSAGE_MAX) }));
      return { openPositions, problems: reported };
    },
  };
}

/** Not while another source halts: then positions stay as they are. */
function isWorking({ sources, state }: FlattenerOptions['states']): boolean {
  return state === 'Flattening' || hasFlattened(sources);
}

async function attempt(
  { service, clock }: FlattenerOptions,
  attempts: Map<string, Attempts>,
  state: Omit<RiskState, 'market'>,
  signal: Signal,
): Promise<void> {
  const key = keyOf(signal);
  const next = { atMs: clock.monotonicMs(), held: heldBy(state, signal.strategy, signal.symbol), refusal: undefined };
  const made = afterAttempt(attempts.get(key), next);
  attempts.set(key, made);
  attempts.set(key, { ...made, refusal: refusalOf(await service.onExit(signal)) });
}

function refusalOf(decided: Decided): Attempts['refusal'] {
  if (decided.kind !== 'New' || decided.decision.order !== undefined) return undefined;
  return { reason: decided.decision.code, message: decided.decision.detail };
}
