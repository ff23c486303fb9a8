import type { PairRefusal, VenueFailure, VenueReply } from '../../../domain/orders/venue-reply.ts';
import type { HttpOutcome } from '../../http-outcome.ts';

/** MEXC: "Order does not exist" for a query, "Unknown order sent" for a cancel. */
const NOT_FOUND = new Set(['-2013', '-2011']);
/**
 * "Internal error", "service not available" and "Gateway Time-out" as codes in a body. They leave the outcome unknown,
 * like the HTTP statuses of the same numbers.
 */
const NO_ANSWER = new Set(['500', '502', '503', '504', '-1000', '-1001', '-1006', '-1007']);
/**
 * Codes that concern the pair and not the request (MEXC spot v3, "Error Code"): "Invalid symbol", "bad symbol",
 * "suspended transaction for the symbol", "trading disabled", "no permission for the symbol".
 */
const PAIR_REFUSALS: ReadonlyMap<string, PairRefusal> = new Map([
  ['-1121', 'Unlisted'],
  ['10007', 'Unlisted'],
  ['30014', 'Unlisted'],
  ['30021', 'Unlisted'],
  ['30000', 'Paused'],
  ['30016', 'Paused'],
  ['30020', 'NotPermitted'],
]);
/** MEXC spot v3, "Error Code": "insufficient balance", "Insufficient position" (of a buy), "Oversold" (of a sale). */
const LACKS_FUNDS = new Set(['10101', '30004', '30005']);
/** Used when a rate limit reply does not say how long to wait. */
const DEFAULT_RETRY_MS = 1_000;
/** MEXC's bans last at most three days. */
const LONGEST_RETRY_MS = 3 * 86_400_000;

/**
 * Interprets an HTTP outcome (MEXC spot v3, "General Info"). A code of the venue is its answer, whether it comes with
 * status 400 or 200. 403 comes from the firewall. 429 is a rate limit and 418 a ban, both with Retry-After. 5XX leaves
 * the execution status unknown, and so does everything else: a broken connection, a redirect, an unreadable answer.
 * Message texts are never interpreted.
 */
export function replyOf(outcome: HttpOutcome): VenueReply<unknown> {
  const { written, status, failure } = outcome;
  if (!written) return { kind: 'notSent', reason: failure ?? 'NotWritten' };
  if (status === undefined) return { kind: 'unknown', reason: failure ?? 'the venue did not answer' };
  if (status === 429 || status === 418) return rateLimited(outcome);
  if (status >= 500 || (status >= 300 && status < 400)) return { kind: 'unknown', reason: `HTTP ${status}` };
  return replyOfBody(status, outcome);
}

function replyOfBody(status: number, outcome: HttpOutcome): VenueReply<unknown> {
  const json = parse(outcome.body);
  const { code, message } = errorIn(json);
  if (code === undefined) return replyWithoutCode(status, json);
  if (code === '429') return rateLimited(outcome);
  if (NOT_FOUND.has(code)) return { kind: 'notFound' };
  if (NO_ANSWER.has(code)) return { kind: 'unknown', reason: `code ${code}` };
  return rejectionOf(code, message);
}

/** Returns the reply of a code that rejects a request. */
export function rejectionOf(code: string, message: string): VenueFailure & { readonly kind: 'rejected' } {
  const pair = PAIR_REFUSALS.get(code);
  const lacksFunds = LACKS_FUNDS.has(code);
  return { kind: 'rejected', code, message, ...(pair && { pair }), ...(lacksFunds && { lacksFunds }) };
}

function replyWithoutCode(status: number, json: object | undefined): VenueReply<unknown> {
  if (status === 403) return { kind: 'rejected', code: 'HTTP403', message: "rejected by the venue's firewall" };
  if (status >= 400) return { kind: 'unknown', reason: `HTTP ${status} without a code` };
  if (json === undefined) return { kind: 'unknown', reason: 'the answer is not JSON' };
  return { kind: 'ok', value: json };
}

/** Error bodies are `{"code": ..., "msg": ...}`; 0 and 200 mean success. */
function errorIn(json: object | undefined): { readonly code: string | undefined; readonly message: string } {
  const { code, msg } = (json ?? {}) as { readonly code?: unknown; readonly msg?: unknown };
  const message = typeof msg === 'string' ? msg.slice(0, 200) : '';
  if (typeof code !== 'number' && typeof code !== 'string') return { code: undefined, message };
  const text = String(code);
  return { code: text === '0' || text === '200' ? undefined : text, message };
}

function parse(body: string): object | undefined {
  try {
    const json: unknown = JSON.parse(body);
    return typeof json === 'object' && json !== null ? json : undefined;
  } catch {
    return undefined;
  }
}

/** Retry-After is in whole seconds, as MEXC sends it; a date or garbage counts as the default. */
function rateLimited({ retryAfter, status }: HttpOutcome): VenueReply<unknown> {
  const seconds = /^\d{1,10}$/.test(retryAfter ?? '') ? Number(retryAfter) : 0;
  const retryAfterMs = Math.min(LONGEST_RETRY_MS, Math.max(DEFAULT_RETRY_MS, seconds * 1_000));
  return { kind: 'rateLimited', retryAfterMs, ...(status === 418 ? { banned: true } : {}) };
}
