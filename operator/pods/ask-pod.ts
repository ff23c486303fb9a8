export interface PodAnswerText {
  readonly status: number;
  readonly text: string;
}

export interface AskPodOptions {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

const BODY_BYTES_MAX = 65_536;

/**
 * Sends one HTTP request to a process in a pod and returns the response, whatever its status. Rejects without a
 * complete response. The server at the address of a pod is untrusted: the size of the body is limited, so that it
 * cannot fill the operator's memory, and redirects are errors, so that it cannot send the operator or its token to
 * another address.
 */
export async function askPod(url: string, options: AskPodOptions): Promise<PodAnswerText> {
  const { method = 'GET', headers = {}, body, deadlineMs, signal } = options;
  const response = await fetch(url, {
    method,
    headers,
    redirect: 'error',
    signal: AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]),
    ...(body === undefined ? {} : { body }),
  });
  return { status: response.status, text: await boundedText(response) };
}

/** Message of an error and of its cause, since fetch reports the real reason in `cause`. At most 200 characters. */
export function whyUnanswered(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause.message : '';
  return `${error.message}${cause === '' ? '' : ` (${cause})`}`.slice(0, 200);
}

async function boundedText({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    // Leaving the loop cancels the rest of the body.
    if (bytes > BODY_BYTES_MAX) throw new Error(`response exceeds ${BODY_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
