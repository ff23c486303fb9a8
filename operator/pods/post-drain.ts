import { senderRow } from '../../services/shared/contracts/catalogue.ts';
import { drainResponse, type DrainRequest, type DrainResponse } from '../../services/shared/contracts/control.ts';
import type { AskPod } from './ask-pod.ts';
import { createPostControl, type CommandLease } from './post-control.ts';

/** Outcome of asking a process to hand over. Whatever it is, the next process may be activated: the fence decides. */
export type DrainOutcome =
  /** Nothing is in flight, and the fence is released: the next process sends at once. */
  | { readonly kind: 'Drained'; readonly openOrders: number }
  /** It goes on draining, refused, or did not answer: the next process waits for the window of the venue. */
  | { readonly kind: 'NotDrained'; readonly reason: string }
  /** The request was not sent, because this operator no longer leads. */
  | { readonly kind: 'LeaseLost' };

/** What is asked of which pod. */
export interface DrainTarget extends DrainRequest {
  readonly ip: string;
}

/** Asks a process to hand over. Never rejects, and ends soon after the deadline in the request. */
export type PostDrain = (target: DrainTarget, token: string, signal: AbortSignal) => Promise<DrainOutcome>;

/** Above the longest deadline that a stack may set. */
const DEADLINE_MS = 31_000;

/** Creates the port to the processes. It sends nothing once this operator may no longer write. */
export function createPostDrain(lease: CommandLease, ask?: AskPod): PostDrain {
  const post = createPostControl<DrainResponse>({
    path: '/control/drain',
    parse: (value) => drainResponse.safeParse(value).data,
    deadlineMs: DEADLINE_MS,
    lease,
    ...(ask === undefined ? {} : { ask }),
  });
  return async ({ ip, epoch, deadlineMs, resting }, token, signal) => {
    const atMost = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs + 1_000)]);
    const outcome = await post({ ip, service: senderRow().name }, { epoch, deadlineMs, resting }, token, atMost);
    if (outcome.kind === 'LeaseLost') return outcome;
    if (outcome.kind !== 'Accepted') return { kind: 'NotDrained', reason: outcome.reason };
    const { drained, openOrders, reason } = outcome.body;
    return drained ? { kind: 'Drained', openOrders: openOrders.length } : { kind: 'NotDrained', reason };
  };
}
