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
 * One exchange with a process in a pod, whatever its status; rejects when there is no complete answer. What listens at a pod's address is
 * not trusted: it may neither fill the operator's memory nor send the operator, or the token that it carries, to another address.
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

/** fetch hides the cause one level down. */
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
    // Leaving the loop cancels the rest.
    if (bytes > BODY_BYTES_MAX) throw new Error('the answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
