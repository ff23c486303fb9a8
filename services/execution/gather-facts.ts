import type { TradingStates } from '../shared/trading-state/trading-states.ts';
import type { RateBudget } from './budget/rate-budget.ts';
import { isUnanswered } from './core/order-decider.ts';
import type { SendingFacts } from './core/sending.ts';
import type { SenderFence } from './fence/sender-fence.ts';
import type { createReconcile } from './reconcile/create-reconcile.ts';
import type { CommitDoubts } from './orders/commit-doubts.ts';
import type { DeadLetters } from './orders/dead-letters.ts';
import type { LiveOrders } from './orders/live-orders.ts';
import type { Sender } from './orders/sender.ts';

/** What the facts are read from. */
export interface Observed extends Pick<
  ReturnType<typeof createReconcile>,
  'ledger' | 'comparisons' | 'otherStacks' | 'reconciler'
> {
  readonly fence: Pick<SenderFence, 'sender' | 'permitAgeMs' | 'readMs'>;
  readonly states: Pick<TradingStates, 'state' | 'sources'>;
  readonly orders: Pick<LiveOrders, 'live'>;
  readonly deadLetters: Pick<DeadLetters, 'open'>;
  readonly budget: Pick<RateBudget, 'limitedForMs'>;
  readonly sender: Pick<Sender, 'commitMs'>;
  readonly doubts: Pick<CommitDoubts, 'symbols'>;
  /** Client order IDs of the orders that are being sent. */
  readonly inFlight: ReadonlySet<string>;
  readonly permitMs: number;
}

/** Gathers what decides whether an order may be sent now. An order that is being sent is not unknown yet. */
export function gatherFacts({ fence, states, orders, inFlight, ledger, ...rest }: Observed): SendingFacts {
  const { deadLetters, comparisons, otherStacks, reconciler, budget, sender, doubts, permitMs } = rest;
  const clock = reconciler.clockCheck();
  const unanswered = orders
    .live()
    .filter(({ state, request }) => isUnanswered(state) && !inFlight.has(request.clientOrderId));
  return {
    role: fence.sender.role,
    tradingState: states.state,
    askedBy: states.sources.filter(({ state }) => state === states.state).map(({ source }) => source),
    permitAgeMs: fence.permitAgeMs,
    permitMs,
    fenceReadMs: fence.readMs,
    commitMs: sender.commitMs,
    clockProblem: clock.ok ? undefined : clock.message,
    limitedForMs: budget.limitedForMs(),
    drifts: ledger.problems,
    unreadBalances: ledger.unread,
    unknownSymbols: [...new Set([...unanswered.map(({ request }) => request.symbol), ...doubts.symbols])],
    setApart: [...new Set(deadLetters.open.filter(({ kind }) => kind !== 'Approval').map(({ symbol }) => symbol))],
    otherStacks: otherStacks.current(),
    unreconciled: comparisons.unreconciled(),
  };
}
