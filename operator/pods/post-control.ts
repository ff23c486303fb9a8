import type { ServiceName } from '../../services/shared/contracts/catalogue.ts';
import { statusText } from '../api/v1alpha1/status-text.ts';
import { askPod, whyUnanswered, type AskPod, type PodAnswerText } from './ask-pod.ts';
import { podUrl } from './pod-target.ts';

/** Outcome of a command to a process. `B` is the response body that the contract of the command defines. */
export type ControlOutcome<B> =
  | { readonly kind: 'Accepted'; readonly body: B }
  /** The process answered with a refusal. A rejected request (400, 401, 404) has no body of the contract. */
  | { readonly kind: 'Refused'; readonly status: number; readonly reason: string; readonly body: B | undefined }
  /** The request was not sent, because this operator no longer leads. */
  | { readonly kind: 'LeaseLost' }
  /** Whether the process received the request is unknown: it may have been carried out. */
  | { readonly kind: 'Unanswered'; readonly reason: string };

/** Process that a command is sent to. */
export interface ControlTarget {
  readonly ip: string;
  readonly service: ServiceName;
}

/** Sends a command to a process. Never rejects. */
export type PostControl<B> = (
  target: ControlTarget,
  body: unknown,
  token: string,
  signal: AbortSignal,
) => Promise<ControlOutcome<B>>;

/** The lease of the operator. */
export interface CommandLease {
  /** Whether this operator leads, and so may send commands. */
  mayWrite(): boolean;
}

export interface PostControlOptions<B> {
  readonly path: string;
  /** Returns the body of the contract; undefined if the value is none. */
  readonly parse: (value: unknown) => B | undefined;
  readonly deadlineMs: number;
  readonly lease: CommandLease;
  readonly ask?: AskPod;
}

/**
 * Creates the port for one command to the processes: 200 accepts, 409 refuses. It sends nothing once this operator may
 * no longer write: a command is a write like those to the API server, and another operator may already be deciding.
 */
export function createPostControl<B extends { readonly reason: string }>({
  path,
  parse,
  deadlineMs,
  lease,
  ask = askPod,
}: PostControlOptions<B>): PostControl<B> {
  return async (target, body, token, signal) => {
    if (!lease.mayWrite()) return { kind: 'LeaseLost' };
    try {
      const answer = await ask(podUrl(target, path), {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
        deadlineMs,
        signal,
      });
      return outcomeOf(answer, parse);
    } catch (error) {
      return { kind: 'Unanswered', reason: whyUnanswered(error) };
    }
  };
}

/** After a failure of the process (5xx), or an answer that is not of the contract, the outcome is unknown. */
function outcomeOf<B extends { readonly reason: string }>(
  { status, text }: PodAnswerText,
  parse: (value: unknown) => B | undefined,
): ControlOutcome<B> {
  const value = parsedJson(text);
  const body = parse(value);
  if (status === 200 && body !== undefined) return { kind: 'Accepted', body };
  if (status === 409 && body !== undefined) return { kind: 'Refused', status, reason: body.reason, body };
  const reason = `HTTP ${status}${errorIn(value)}`;
  return status >= 400 && status < 500
    ? { kind: 'Refused', status, reason, body: undefined }
    : { kind: 'Unanswered', reason };
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function errorIn(value: unknown): string {
  if (typeof value !== 'object' || value === null || !('error' in value) || typeof value.error !== 'string') return '';
  return `: ${statusText(value.error).slice(0, 200)}`;
}
