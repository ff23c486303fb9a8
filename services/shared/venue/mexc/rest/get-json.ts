import { VenueReplyError } from '../../venue-reply-error.ts';

/** Bound on a reply. The complete list of pairs is about 4 MB. */
const MAX_BYTES = 32 * 1024 * 1024;
const TIMEOUT_MS = 10_000;
/** Used when a rate limit reply does not say how long to wait. */
const DEFAULT_RETRY_MS = 1_000;

export interface GetOptions {
  readonly signal: AbortSignal;
  /** Default: 10 seconds. */
  readonly timeoutMs?: number;
}

/** Gets a document of the venue's public REST. Throws VenueReplyError or a network error. */
export async function getJson(url: string, { signal, timeoutMs = TIMEOUT_MS }: GetOptions): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) });
  const text = await boundedText(response);
  if (!response.ok) throw new VenueReplyError('BadStatus', `${response.status} ${text}`, pauseOf(response));
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new VenueReplyError('BadReply', text, { cause });
  }
}

/** 429 is a rate limit and 418 a ban, both with Retry-After in seconds. */
function pauseOf({ status, headers }: Response): { readonly retryAfterMs?: number } {
  if (status !== 429 && status !== 418) return {};
  const text = headers.get('retry-after') ?? '';
  return { retryAfterMs: /^\d{1,6}$/.test(text) ? Math.max(DEFAULT_RETRY_MS, Number(text) * 1_000) : DEFAULT_RETRY_MS };
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BYTES) throw new VenueReplyError('TooLarge', `more than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}
