import { AsyncLocalStorage } from 'node:async_hooks';
import Mexc from '../../../../../node_modules/ccxt/js/src/mexc.js';
import type { VenueReply } from '../../../domain/orders/venue-reply.ts';
import type { Clock } from '../../../runtime/clock.ts';
import type { Logger } from '../../../runtime/logger.ts';
import { HttpTransport } from '../../http-transport.ts';
import type { HttpOutcome } from '../../http-outcome.ts';
import type { PlaceTerms } from '../../trading-venue.ts';
import { VenueReplyError } from '../../venue-reply-error.ts';
import { replyOf } from './outcome.ts';

export interface MexcRestOptions {
  /** Base URL without a path: `https://api.mexc.com`. */
  readonly restUrl: string;
  readonly apiKey: string;
  readonly secretKey: string;
  /** How long the venue accepts a request after it was signed: 1 to 2000 ms. */
  readonly recvWindowMs: number;
  /** Deadline of a whole call, from connecting to the last byte of the answer. Default: 3000. */
  readonly deadlineMs?: number;
  /** Default: sockets of its own. */
  readonly transport?: VenueTransport;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What carries a request to the venue and the answer back. `send` never rejects. */
export type VenueTransport = Pick<HttpTransport, 'send' | 'close'>;

export interface MexcRequest {
  readonly access: 'public' | 'private';
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Relative to `/api/v3/`. */
  readonly path: string;
  /** Decimals are strings; numbers must be integers. */
  readonly params: Readonly<Record<string, string | number>>;
  /** Default: the current time, the client's window, never refused. */
  readonly terms?: PlaceTerms;
}

export interface MexcRest {
  /** Sends one request and never retries it. Rejects only on a window that is not allowed. */
  call<T>(request: MexcRequest, parse: (body: unknown) => T): Promise<VenueReply<T>>;
  close(): void;
}

/** With a longer window, the venue could accept an old sender's request after a new sender has taken over. */
const RECV_WINDOW_MAX_MS = 2_000;
const DEADLINE_MS = 3_000;

/**
 * Creates a client of MEXC's REST on top of ccxt's class: ccxt's signing and endpoints, at the addresses of the mode.
 * Outcomes are read from HTTP itself, because ccxt's error classes do not distinguish "not done" from "unknown" and
 * match texts before codes. Throws RangeError on a window that is not allowed.
 */
export function createMexcRest(options: MexcRestOptions): MexcRest {
  requireWindow(options.recvWindowMs);
  const { clock, log, recvWindowMs, transport = new HttpTransport() } = options;
  const contexts = new AsyncLocalStorage<CallContext>();
  const exchange = createCcxt(options, contexts, transport);

  const call = async <T>(request: MexcRequest, parse: (body: unknown) => T): Promise<VenueReply<T>> => {
    const { access, method, path, params } = request;
    const terms = request.terms ?? { timestampMs: clock.nowMs(), recvWindowMs, refusal: () => undefined };
    requireWindow(terms.recvWindowMs);
    const context: CallContext = { ...terms, outcome: NOTHING_SENT };
    await contexts
      .run(context, async () => await exchange.request(path, ['spot', access], method, { ...params }))
      // ccxt's interpretation of the answer is ignored; the answer itself is in the context.
      .catch(ignore);
    const reply = parsed(replyOf(context.outcome), parse);
    if (reply.kind === 'unknown') log.warn({ method, path, reason: reply.reason }, 'no usable answer from the venue');
    return reply;
  };
  return { call, close: () => transport.close() };
}

/**
 * Exchanges data between one call and ccxt's hooks. It travels with the asynchronous call, because ccxt awaits in code
 * that we do not control.
 */
export interface CallContext extends PlaceTerms {
  outcome: HttpOutcome;
}

const NOTHING_SENT: HttpOutcome = {
  written: false,
  status: undefined,
  body: '',
  retryAfter: undefined,
  failure: 'the request could not be built',
};

/** Creates ccxt's class with our addresses, clock and transport. Its retries and its sandbox mode are disabled. */
export function createCcxt(
  { restUrl, apiKey, secretKey, recvWindowMs, deadlineMs = DEADLINE_MS, clock }: MexcRestOptions,
  contexts: AsyncLocalStorage<CallContext>,
  transport: Pick<HttpTransport, 'send'>,
): Mexc {
  const fetchImplementation = async (
    url: string,
    { method, headers, body, signal }: FetchInit,
  ): Promise<FetchReply> => {
    const context = contexts.getStore();
    if (context === undefined) throw new Error('request outside of a call');
    const { refusal } = context;
    context.outcome = await transport.send({ url, method, headers, body, signal, refusal });
    const { status, failure, body: text } = context.outcome;
    if (status === undefined) throw new TypeError(failure ?? 'the venue did not answer');
    return { status, statusText: '', headers: new Map(), text: async () => await Promise.resolve(text) };
  };
  const exchange = new Mexc({
    apiKey,
    secret: secretKey,
    timeout: deadlineMs,
    userAgent: 'tradingstack',
    enableRateLimit: false,
    fetchImplementation,
  });
  Object.defineProperties(exchange.options, {
    // A retried POST could create a second order.
    maxRetriesOnFailure: { value: 0, enumerable: true },
    // ccxt reads the window only from here, when it signs.
    recvWindow: { get: () => contexts.getStore()?.recvWindowMs ?? recvWindowMs, enumerable: true },
  });
  const base = restUrl.replace(/\/+$/, '');
  exchange.urls = { ...exchange.urls, api: { spot: { public: base, private: base } } };
  return Object.assign(exchange, {
    nonce: () => contexts.getStore()?.timestampMs ?? clock.nowMs(),
    // ccxt's own method would clear the addresses and fail later. Only the addresses decide where orders go.
    setSandboxMode: () => {
      throw new Error('MEXC spot has no sandbox: the address decides where orders go');
    },
  });
}

interface FetchInit {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: string | undefined;
  readonly signal: AbortSignal;
}

interface FetchReply {
  readonly status: number;
  readonly statusText: string;
  readonly headers: ReadonlyMap<string, string>;
  text(): Promise<string>;
}

function requireWindow(recvWindowMs: number): void {
  if (Number.isInteger(recvWindowMs) && recvWindowMs >= 1 && recvWindowMs <= RECV_WINDOW_MAX_MS) return;
  throw new RangeError(`recvWindow is ${recvWindowMs} ms; must be an integer from 1 to ${RECV_WINDOW_MAX_MS}`);
}

/** An answer that arrived but is unreadable leaves the outcome unknown. */
function parsed<T>(reply: VenueReply<unknown>, parse: (body: unknown) => T): VenueReply<T> {
  if (reply.kind !== 'ok') return reply;
  try {
    return { kind: 'ok', value: parse(reply.value) };
  } catch (error) {
    if (error instanceof VenueReplyError) return { kind: 'unknown', reason: error.message };
    throw error;
  }
}

function ignore(): void {}
