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
  readonly pool: 'reads' | 'writes' | 'watches';
  /** Asked when a socket is free, right before the request is written to it: why it must not be sent, if so. */
  readonly refusal?: (() => KubeError | undefined) | undefined;
}

/**
 * Sends one request and returns once the headers report success. The caller reads the body. After a 401 it re-reads the
 * credentials and retries once. This is safe for writes, because the server did not authorise the first attempt.
 * @throws KubeError with the server's reason, or `Unavailable` if the server did not answer.
 */
export async function sendRequest(call: ApiRequest, context: RequestContext): Promise<Dispatcher.ResponseData> {
  const access = await context.connection.current().catch(asUnavailable);
  const first = await exchange(call, access, context);
  if (first.statusCode !== 401) return successful(first, context.signal);
  await first.body.dump();
  const renewed = await context.connection.reload(access).catch(asUnavailable);
  return successful(await exchange(call, renewed, context), context.signal);
}

async function exchange(call: ApiRequest, access: Access, context: RequestContext): Promise<Dispatcher.ResponseData> {
  const query = Object.entries(call.query ?? {}).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const search = query.length === 0 ? '' : `?${new URLSearchParams(query).toString()}`;
  try {
    return await request(`${access.origin}${access.prefix}${call.path}${search}`, {
      method: call.method,
      dispatcher: access[context.pool].compose(askingAtDispatch(context.refusal)),
      signal: context.signal,
      headers: {
        ...access.headers,
        accept: 'application/json',
        'user-agent': context.userAgent,
        ...(call.body === undefined ? {} : { 'content-type': call.contentType ?? 'application/json' }),
      },
      body: call.body === undefined ? null : JSON.stringify(call.body),
    });
  } catch (error) {
    throw unanswered(error, context.signal);
  }
}

/** undici queues a request until a socket is free, which may take as long as the requests before it. */
function askingAtDispatch(refusal: RequestContext['refusal']): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) =>
    dispatch(options, refusal === undefined ? handler : asking(handler, refusal));
}

function asking(handler: Dispatcher.DispatchHandler, refusal: () => KubeError | undefined): Dispatcher.DispatchHandler {
  return {
    onRequestStart: (controller, context) => {
      handler.onRequestStart?.(controller, context);
      const refused = refusal();
      if (refused !== undefined) controller.abort(refused);
    },
    onResponseStart: (...answer) => handler.onResponseStart?.(...answer),
    onResponseData: (...chunk) => handler.onResponseData?.(...chunk),
    onResponseEnd: (...end) => handler.onResponseEnd?.(...end),
    onResponseError: (...failure) => handler.onResponseError?.(...failure),
  };
}

/**
 * Turns a failure without an answer into a KubeError. The signal, not the message text, distinguishes the caller's
 * abort or deadline from a broken connection.
 */
export function unanswered(error: unknown, signal: AbortSignal): KubeError {
  if (error instanceof KubeError) return error;
  const { reason } = signal as { reason: unknown };
  if (signal.aborted && reason instanceof KubeError) return reason;
  return signal.aborted
    ? new KubeError('Aborted', 'the caller cancelled the request', { cause: reason })
    : new KubeError('Unavailable', 'the API server did not answer', { cause: error });
}

function asUnavailable(error: unknown): never {
  throw error instanceof KubeError
    ? error
    : new KubeError('Unavailable', 'credentials could not be read', { cause: error });
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

/** A proxy in front of the API server may answer in HTML. In that case only the HTTP status is known. */
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
