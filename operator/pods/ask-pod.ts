import { Agent, request, type Dispatcher } from 'undici';

export interface PodAnswerText {
  readonly status: number;
  readonly text: string;
}

export interface AskPodOptions {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Default: none; the signal ends the request. */
  readonly deadlineMs?: number;
  readonly signal: AbortSignal;
}

/** Sends one HTTP request to a process in a pod. */
export type AskPod = (url: string, options: AskPodOptions) => Promise<PodAnswerText>;

const BODY_BYTES_MAX = 65_536;

/**
 * Connections to all pods, kept open between requests: `/statusz` is requested more often than they expire, so that a
 * command finds an open one. Connecting has a deadline of its own, because a lost first packet is repeated at once with
 * a new connection, but only after growing delays within the old one.
 */
const agent = new Agent({ connect: { timeout: 1_000 }, headersTimeout: 0, bodyTimeout: 0 });

/**
 * Sends one HTTP request to a process in a pod and returns the response, whatever its status. Rejects without a
 * complete response. The server at the address of a pod is untrusted: the size of the body is limited, so that it
 * cannot fill the operator's memory, and redirects are not followed, so that it cannot send the operator or its token
 * to another address.
 */
export async function askPod(
  url: string,
  { method = 'GET', headers = {}, body, deadlineMs, signal }: AskPodOptions,
): Promise<PodAnswerText> {
  const response = await request(url, {
    dispatcher: agent,
    method,
    headers,
    body: body ?? null,
    signal: deadlineMs === undefined ? signal : AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]),
  });
  return { status: response.statusCode, text: await boundedText(response.body) };
}

/** Message of an error and of its cause, which may be the real reason. At most 200 characters. */
export function whyUnanswered(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause.message : '';
  return `${error.message}${cause === '' ? '' : ` (${cause})`}`.slice(0, 200);
}

async function boundedText(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    const part = chunk as Buffer;
    bytes += part.byteLength;
    // Leaving the loop cancels the rest of the body.
    if (bytes > BODY_BYTES_MAX) throw new Error(`response exceeds ${BODY_BYTES_MAX} bytes`);
    chunks.push(part);
  }
  return Buffer.concat(chunks).toString('utf8');
}
