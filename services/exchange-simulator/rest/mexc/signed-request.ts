import { createHmac, timingSafeEqual } from 'node:crypto';
import { missing, type VenueRefusal } from '../../core/venue-refusal.ts';

/** API key of the venue, with its account and the secret that signs its requests. */
export interface ApiKey {
  readonly key: string;
  readonly secret: string;
  readonly account: string;
}

export interface RawRequest {
  /** Exactly as in the URL, without `?`. */
  readonly queryString: string;
  readonly body: string;
  readonly apiKey: string | undefined;
}

export interface SignedParameters {
  readonly account: string;
  readonly parameters: URLSearchParams;
  readonly timestamp: number;
  readonly recvWindowMs: number;
}

const UNKNOWN_KEY: VenueRefusal = { code: 10072, message: 'Api key info invalid' };
const BAD_SIGNATURE: VenueRefusal = { code: 700002, message: 'Signature for this request is not valid.' };
const OUTSIDE_WINDOW: VenueRefusal = {
  code: 700003,
  message: 'Timestamp for this request is outside of the recvWindow.',
};
const WINDOW_TOO_LARGE: VenueRefusal = { code: 700005, message: 'recvWindow must less than 60000' };

const DEFAULT_WINDOW_MS = 5_000;
const MAX_WINDOW_MS = 60_000;
/** A timestamp that is ahead of the venue's clock by this or more is rejected. */
const MAX_AHEAD_MS = 1_000;

/**
 * Checks a signed request as MEXC does (API document, "Signed Endpoint security"). The signature is the lower-case hex
 * HMAC-SHA256 of the query string directly followed by the body. A request is accepted while timestamp < now + 1000 and
 * now - timestamp <= recvWindow.
 */
export function checkSigned(
  request: RawRequest,
  keys: readonly ApiKey[],
  nowMs: number,
): { readonly ok: true; readonly signed: SignedParameters } | { readonly ok: false; readonly refusal: VenueRefusal } {
  const key = keys.find((candidate) => candidate.key === request.apiKey);
  if (key === undefined) return { ok: false, refusal: UNKNOWN_KEY };
  const parameters = new URLSearchParams([
    ...new URLSearchParams(request.queryString),
    ...new URLSearchParams(request.body),
  ]);
  const refusal = windowRefusal(parameters, nowMs) ?? signatureRefusal(request, key, parameters);
  if (refusal !== undefined) return { ok: false, refusal };
  return {
    ok: true,
    signed: {
      account: key.account,
      parameters,
      timestamp: Number(parameters.get('timestamp')),
      recvWindowMs: Number(parameters.get('recvWindow') ?? DEFAULT_WINDOW_MS),
    },
  };
}

function windowRefusal(parameters: URLSearchParams, nowMs: number): VenueRefusal | undefined {
  const timestamp = parameters.get('timestamp') ?? '';
  const recvWindow = parameters.get('recvWindow') ?? String(DEFAULT_WINDOW_MS);
  if (!/^\d{1,15}$/.test(timestamp)) return missing('timestamp');
  if (!/^\d{1,15}$/.test(recvWindow)) return missing('recvWindow');
  if (Number(recvWindow) > MAX_WINDOW_MS) return WINDOW_TOO_LARGE;
  const age = nowMs - Number(timestamp);
  return age > -MAX_AHEAD_MS && age <= Number(recvWindow) ? undefined : OUTSIDE_WINDOW;
}

function signatureRefusal(
  { queryString, body }: RawRequest,
  key: ApiKey,
  parameters: URLSearchParams,
): VenueRefusal | undefined {
  const given = parameters.get('signature');
  if (given === null || given === '') return missing('signature');
  const payload = `${withoutSignature(queryString)}${withoutSignature(body)}`;
  const expected = createHmac('sha256', key.secret).update(payload).digest();
  const bytes = /^[0-9a-f]{64}$/.test(given) ? Buffer.from(given, 'hex') : Buffer.alloc(expected.length);
  return timingSafeEqual(bytes, expected) ? undefined : BAD_SIGNATURE;
}

function withoutSignature(encoded: string): string {
  return encoded
    .split('&')
    .filter((pair) => !pair.startsWith('signature='))
    .join('&');
}
