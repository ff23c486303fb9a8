import { catalogueRow } from '../../services/shared/contracts/catalogue.ts';
import { activateResponse } from '../../services/shared/contracts/control.ts';
import { askPod, whyUnanswered, type PodAnswerText } from './ask-pod.ts';
import { hostOf } from './read-statusz.ts';
import type { Activate } from '../controllers/trading-stack/sender/choose-sender.ts';
import { statusText } from '../api/v1alpha1/status-text.ts';

/** What became of telling a process its epoch. Only `Accepted` and the process's own later word say that it will send. */
export type ActivationOutcome =
  | { readonly kind: 'Accepted'; readonly reason: string }
  /** The process answered, and will not: with its reason. */
  | { readonly kind: 'Refused'; readonly reason: string }
  /** Nothing was sent: this operator does not lead any more. */
  | { readonly kind: 'LeaseLost' }
  /** Not known whether it was heard: the process itself says so at the next look. */
  | { readonly kind: 'Unanswered'; readonly reason: string };

/** Tells a process its epoch. Never rejects; asking again is harmless. */
export type PostActivate = (command: Activate, token: string, signal: AbortSignal) => Promise<ActivationOutcome>;

/** Longer than a raise of the fence that waits for running transactions. */
const DEADLINE_MS = 5_000;

/**
 * The port to the processes. Sends nothing once this operator may not write any more: an activation is a write like those to the API
 * server, and another operator may be choosing the sender already.
 */
export function createPostActivate(mayWrite: () => boolean): PostActivate {
  return async (command, token, signal) => {
    if (!mayWrite()) return { kind: 'LeaseLost' };
    try {
      return outcomeOf(await post(command, token, signal));
    } catch (error) {
      return { kind: 'Unanswered', reason: whyUnanswered(error) };
    }
  };
}

async function post({ ip, epoch }: Activate, token: string, signal: AbortSignal): Promise<PodAnswerText> {
  return await askPod(`http://${hostOf(ip)}:${catalogueRow('execution').port}/control/activate`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ epoch }),
    deadlineMs: DEADLINE_MS,
    signal,
  });
}

/** A refusal of the request itself (401, 403) has no body of ours; a failure inside (5xx) leaves open what was done. */
function outcomeOf({ status, text }: PodAnswerText): ActivationOutcome {
  const said = parsed(text);
  const answer = status === 200 || status === 409 ? activateResponse.safeParse(said).data : undefined;
  if (answer !== undefined) return { kind: answer.accepted ? 'Accepted' : 'Refused', reason: answer.reason };
  const kind = status >= 400 && status < 500 ? 'Refused' : 'Unanswered';
  return { kind, reason: `HTTP ${status}${errorIn(said)}` };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function errorIn(said: unknown): string {
  if (typeof said !== 'object' || said === null || !('error' in said) || typeof said.error !== 'string') return '';
  return `: ${statusText(said.error).slice(0, 200)}`;
}
