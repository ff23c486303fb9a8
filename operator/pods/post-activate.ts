import { senderRow } from '../../services/shared/contracts/catalogue.ts';
import { activateResponse } from '../../services/shared/contracts/control.ts';
import { askPod, whyUnanswered, type PodAnswerText } from './ask-pod.ts';
import { hostOf } from './read-statusz.ts';
import { statusText } from '../api/v1alpha1/status-text.ts';

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

/** What the request needs to know: the address of the pod, and the epoch to send orders in. */
export interface ActivationTarget {
  readonly ip: string;
  readonly epoch: number;
}

/** Asks a process to send orders in an epoch. Never rejects. Repeating the request is harmless. */
export type PostActivate = (target: ActivationTarget, token: string, signal: AbortSignal) => Promise<ActivationOutcome>;

/** Longer than raising the fence takes, including the wait for running transactions. */
const DEADLINE_MS = 5_000;

/**
 * Creates the port to the processes. It sends nothing once this operator may no longer write: an activation is a write
 * like those to the API server, and another operator may already be choosing the sender.
 */
export function createPostActivate(mayWrite: () => boolean): PostActivate {
  return async (target, token, signal) => {
    if (!mayWrite()) return { kind: 'LeaseLost' };
    try {
      return outcomeOf(await post(target, token, signal));
    } catch (error) {
      return { kind: 'Unanswered', reason: whyUnanswered(error) };
    }
  };
}

async function post({ ip, epoch }: ActivationTarget, token: string, signal: AbortSignal): Promise<PodAnswerText> {
  return await askPod(`http://${hostOf(ip)}:${senderRow().port}/control/activate`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ epoch }),
    deadlineMs: DEADLINE_MS,
    signal,
  });
}

/**
 * A rejected request (401, 403) does not carry our body. After a failure of the process (5xx) the outcome is unknown.
 */
function outcomeOf({ status, text }: PodAnswerText): ActivationOutcome {
  const body = parsed(text);
  const answer = status === 200 || status === 409 ? activateResponse.safeParse(body).data : undefined;
  if (answer !== undefined) return { kind: answer.accepted ? 'Accepted' : 'Refused', reason: answer.reason };
  const kind = status >= 400 && status < 500 ? 'Refused' : 'Unanswered';
  return { kind, reason: `HTTP ${status}${errorIn(body)}` };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function errorIn(body: unknown): string {
  if (typeof body !== 'object' || body === null || !('error' in body) || typeof body.error !== 'string') return '';
  return `: ${statusText(body.error).slice(0, 200)}`;
}
