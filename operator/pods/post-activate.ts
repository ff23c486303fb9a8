import type { ServiceName } from '../../services/shared/contracts/catalogue.ts';
import {
  activateResponse,
  type ActivateDocument,
  type ActivateResponse,
} from '../../services/shared/contracts/control.ts';
import type { AskPod } from './ask-pod.ts';
import { createPostControl, type CommandLease, type ControlOutcome } from './post-control.ts';

/**
 * Outcome of an activation request. Only `Accepted`, or a later report of the process itself, means that it will send.
 */
export type ActivationOutcome =
  | { readonly kind: 'Accepted'; readonly reason: string }
  /** The process answered with a refusal and its reason. */
  | { readonly kind: 'Refused'; readonly reason: string }
  /** The request was not sent, because this operator no longer leads. */
  | { readonly kind: 'LeaseLost' }
  /** Whether the process received the request is unknown. The process reports its role at the next reconcile. */
  | { readonly kind: 'Unanswered'; readonly reason: string };

/**
 * What the request needs to know: the address of the process, the epoch to send orders or to decide in, and the canary
 * of a sender if any.
 */
export interface ActivationTarget extends ActivateDocument {
  readonly ip: string;
  readonly service: ServiceName;
}

/** Asks a process to send orders, or to decide, in an epoch. Never rejects. Repeating the request is harmless. */
export type PostActivate = (target: ActivationTarget, token: string, signal: AbortSignal) => Promise<ActivationOutcome>;

/** Longer than raising the fence takes, including the wait for running transactions. */
const DEADLINE_MS = 5_000;

/** Creates the port to the processes. It sends nothing once this operator may no longer write. */
export function createPostActivate(lease: CommandLease, ask?: AskPod): PostActivate {
  const post = createPostControl<ActivateResponse>({
    path: '/control/activate',
    parse: (value) => activateResponse.safeParse(value).data,
    deadlineMs: DEADLINE_MS,
    lease,
    ...(ask === undefined ? {} : { ask }),
  });
  return async ({ ip, service, epoch, canary }, token, signal) => {
    const request = { epoch, ...(canary === undefined ? {} : { canary }) };
    return activationOutcome(await post({ ip, service }, request, token, signal));
  };
}

function activationOutcome(outcome: ControlOutcome<ActivateResponse>): ActivationOutcome {
  switch (outcome.kind) {
    case 'Accepted': {
      const { accepted, reason } = outcome.body;
      return { kind: accepted ? 'Accepted' : 'Refused', reason };
    }
    case 'Refused':
      return { kind: 'Refused', reason: outcome.reason };
    default:
      return outcome;
  }
}
