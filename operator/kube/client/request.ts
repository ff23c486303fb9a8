import { request, type Dispatcher } from 'undici';
import type { Access, Connection } from './connection.ts';
import { KubeError, errorFromStatus, type StatusBody } from './kube-error.ts';

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  readonly contentType?: string;
}

export interface RequestContext {
  readonly connection: Connection;
  readonly userAgent: string;
  readonly signal: AbortSignal;
  readonly pool: 'calls' | 'watches';
}

/**
 * Sends one request and answers once the headers say success; the body is the caller's to read.
 * A 401 is tried once more with credentials read again, which is safe for writes: nothing was authorised.
 * @throws KubeError with the server's reason, or `Unavailable` when no answer came.
 */
export async function sendRequest(wanted: ApiRequest, context: RequestContext): Promise<Dispatcher.ResponseData> {
  const access = await context.connection.current().catch(asUnavailable);
  const first = await exchange(wanted, access, context);
  if (first.statusCode !== 401) return successful(first, context.signal);
  await first.body.dump();
  const renewed = await context.connection.reload(access).catch(asUnavailable);
  return successful(await exchange(wanted, renewed, context), context.signal);
}

async function exchange(wanted: ApiRequest, access: Access, context: RequestContext): Promise<Dispatcher.ResponseData> {
  const query = Object.entries(wanted.query ?? {}).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const search = query.length === 0 ? '' : `?${new URLSearchParams(query).toString()}`;
  try {
    return await request(`${access.origin}${access.prefix}${wanted.path}${search}`, {
      method: wanted.method,
      dispatcher: access[context.pool],
      signal: context.signal,
      headers: {
        ...access.headers,
        accept: 'application/json',
        'user-agent': context.userAgent,
        ...(wanted.body === undefined ? {} : { 'content-type': wanted.contentType ?? 'application/json' }),
      },
      body: wanted.body === undefined ? null : JSON.stringify(wanted.body),
    });
  } catch (error) {
    throw unanswered(error, context.signal);
  }
}

/** The caller's abort or deadline is told apart from a broken connection by the signal, not by message texts. */
export function unanswered(error: unknown, signal: AbortSignal): KubeError {
  if (error instanceof KubeError) return error;
  const { reason } = signal as { reason: unknown };
  if (signal.aborted && reason instanceof KubeError) return reason;
  return signal.aborted
    ? new KubeError('Aborted', 'the caller gave up', { cause: reason })
    : new KubeError('Unavailable', 'the API server gave no answer', { cause: error });
}

function asUnavailable(error: unknown): never {
  throw error instanceof KubeError
    ? error
    : new KubeError('Unavailable', 'the credentials cannot be read', { cause: error });
}

async function successful(answer: Dispatcher.ResponseData, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
  if (answer.statusCode < 300) return answer;
  let text: string;
  try {
    text = await answer.body.text();
  } catch (error) {
    throw unanswered(error, signal);
  }
  throw errorFromStatus(answer.statusCode, statusBodyOf(text), retryAfterOf(answer.headers));
}

/** A proxy in front of the API server may answer in HTML; then the HTTP status is all there is. */
function statusBodyOf(text: string): StatusBody {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? parsed : {};
  } catch {
    return {};
  }
}

function retryAfterOf(headers: Dispatcher.ResponseData['headers']): string | undefined {
  const value = headers['retry-after'];
  return typeof value === 'string' ? value : undefined;
}
