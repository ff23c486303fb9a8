import {
  tradingStateResponse,
  type TradingStateRequest,
  type TradingStateResponse,
} from '../../services/shared/contracts/control.ts';
import type { AskPod } from './ask-pod.ts';
import { createPostControl, type CommandLease, type ControlOutcome, type ControlTarget } from './post-control.ts';

/** `Accepted` means that the process obeys the state from now on; whether it is persisted is in the body. */
export type TradingStateOutcome = ControlOutcome<TradingStateResponse>;

/** Sets the trading state of one source in a process. Never rejects. Repeating the request is harmless. */
export type PostTradingState = (
  target: ControlTarget,
  request: TradingStateRequest,
  token: string,
  signal: AbortSignal,
) => Promise<TradingStateOutcome>;

export interface PostTradingStateOptions {
  readonly lease: CommandLease;
  /** Default: 1 s; a process applies the state in memory and answers within half of it. */
  readonly deadlineMs?: number;
  readonly ask?: AskPod;
}

/** Limits of the contract. */
const AUTHOR_MAX = 200;
const REASON_MAX = 300;

/** Creates the port to the processes. It sends nothing once this operator may no longer write. */
export function createPostTradingState({ deadlineMs = 1_000, ...options }: PostTradingStateOptions): PostTradingState {
  const post = createPostControl<TradingStateResponse>({
    ...options,
    path: '/control/halt',
    parse: (value) => tradingStateResponse.safeParse(value).data,
    deadlineMs,
  });
  return async (target, request, token, signal) => {
    // A person writes these texts. A halt must not be refused because one of them is long.
    const author = request.author.slice(0, AUTHOR_MAX);
    const reason = request.reason.slice(0, REASON_MAX);
    return withRemedy(await post(target, { ...request, author, reason }, token, signal));
  };
}

/** What a person can do about a refusal, by HTTP status. A release without the command keeps trading. */
const REMEDIES: Readonly<Record<number, string>> = {
  401:
    'its control token is not that of Secret tradingstack-control; it reads the Secret again once the kubelet has ' +
    'updated it, within two minutes; if this lasts, delete the pod',
  404:
    'its release is older than this command: insert a row into trading.halts to stop it (docs/runbook.md), ' +
    'and roll out a newer release',
};

function withRemedy(outcome: TradingStateOutcome): TradingStateOutcome {
  const remedy = outcome.kind === 'Refused' ? REMEDIES[outcome.status] : undefined;
  return outcome.kind === 'Refused' && remedy !== undefined
    ? { ...outcome, reason: `${outcome.reason}; ${remedy}` }
    : outcome;
}
