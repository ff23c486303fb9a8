import { AsyncLocalStorage } from 'node:async_hooks';
import Mexc from '../../../../../node_modules/ccxt/js/src/mexc.js';
import type { VenueReply } from '../../../domain/venue-reply.ts';
import type { Clock } from '../../../runtime/clock.ts';
import type { Logger } from '../../../runtime/logger.ts';
import { HttpTransport } from '../../http-transport.ts';
import { VenueReplyError } from './instruments.ts';
import { replyOf, type HttpOutcome } from './outcome.ts';

export interface MexcRestOptions {
  /** Without a path: `https://api.mexc.com`. */
  readonly restUrl: string;
  readonly apiKey: string;
  readonly secretKey: string;
  /** How long the venue accepts a request after it was signed: 1 to 2000 ms. */
  readonly recvWindowMs: number;
  /** For a whole call, from connecting to the last byte of the answer. Default 3000. */
  readonly deadlineMs?: number;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface MexcRequest {
  readonly access: 'public' | 'private';
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below `/api/v3/`. */
  readonly path: string;
  /** Decimals as strings; no number with a fraction. */
  readonly params: Readonly<Record<string, string | number>>;
  /** Default: now, the client's window, and never refused. */
  readonly terms?: SendTerms;
}

export interface SendTerms {
  readonly timestampMs: number;
  readonly recvWindowMs: number;
  readonly refusal: () => string | undefined;
}

export interface MexcRest {
  /** One request, one answer or none: nothing is repeated. Rejects on a window that is not allowed, and for nothing else. */
  call<T>(request: MexcRequest, parse: (body: unknown) => T): Promise<VenueReply<T>>;
  close(): void;
}

/** Longer windows would let an old sender's request be accepted after a new one has taken over. */
const RECV_WINDOW_MAX_MS = 2_000;
const DEADLINE_MS = 3_000;

/**
 * MEXC's REST through ccxt's own class: its signing and its endpoints, at the addresses of the mode. Outcomes are read from HTTP itself, because ccxt's error
 * classes do not tell "not done" from "not known" and match texts before codes. Throws RangeError on a window that is not allowed.
 */
export function createMexcRest(options: MexcRestOptions): MexcRest {
  requireWindow(options.recvWindowMs);
  const { clock, log, recvWindowMs } = options;
  const contexts = new AsyncLocalStorage<CallContext>();
  const transport = new HttpTransport();
  const exchange = createCcxt(options, contexts, transport);

  const call = async <T>(request: MexcRequest, parse: (body: unknown) => T): Promise<VenueReply<T>> => {
    const { access, method, path, params } = request;
    const terms = request.terms ?? { timestampMs: clock.nowMs(), recvWindowMs, refusal: () => undefined };
    requireWindow(terms.recvWindowMs);
    const context: CallContext = { ...terms, outcome: NOTHING_SENT };
    await contexts
      .run(context, async () => await exchange.request(path, ['spot', access], method, { ...params }))
      // What ccxt makes of an answer is its own affair; the answer itself is in the context.
      .catch(ignore);
    const reply = parsed(replyOf(context.outcome), parse);
    if (reply.kind === 'unknown') log.warn({ method, path, reason: reply.reason }, 'no usable answer of the venue');
    return reply;
  };
  return { call, close: () => transport.close() };
}

/** What one call tells ccxt's hooks, and what they tell it; carried along the call because ccxt waits at places of its own. */
export interface CallContext extends SendTerms {
  outcome: HttpOutcome;
}

const NOTHING_SENT: HttpOutcome = {
  written: false,
  status: undefined,
  body: '',
  retryAfter: undefined,
  failure: 'the request could not be made',
};

/** ccxt's class as it comes, but for its addresses, its clock and its way to the network; its repetitions and its sandbox are locked away. */
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
    if (context === undefined) throw new Error('a request outside of a call');
    const { refusal } = context;
    context.outcome = await transport.send({ url, method, headers, body, signal, refusal });
    const { status, failure, body: text } = context.outcome;
    if (status === undefined) throw new TypeError(failure ?? 'no answer');
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
    // A repeated POST is a second order.
    maxRetriesOnFailure: { value: 0, enumerable: true },
    // ccxt takes the window from here alone, at the moment of signing.
    recvWindow: { get: () => contexts.getStore()?.recvWindowMs ?? recvWindowMs, enumerable: true },
  });
  const base = restUrl.replace(/\/+$/, '');
  exchange.urls = { ...exchange.urls, api: { spot: { public: base, private: base } } };
  return Object.assign(exchange, {
    nonce: () => contexts.getStore()?.timestampMs ?? clock.nowMs(),
    // ccxt's own would empty the addresses and fail later: where orders go is a matter of addresses alone.
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
  throw new RangeError(`recvWindow is ${recvWindowMs} ms; whole milliseconds from 1 to ${RECV_WINDOW_MAX_MS} are safe`);
}

/** An answer that arrived and cannot be read leaves the outcome unknown. */
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
