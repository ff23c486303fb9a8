import type { SimulatorMetrics } from '../../metrics.ts';
import { ACCOUNT_ENDPOINTS } from './account-endpoints.ts';
import type { Endpoint, EndpointContext } from './endpoint.ts';
import { LISTEN_KEY_ENDPOINTS } from './listen-key-endpoints.ts';
import { MARKET_ENDPOINTS } from './market-endpoints.ts';
import { ORDER_ENDPOINTS } from './order-endpoints.ts';
import { checkSigned, type ApiKey, type RawRequest } from './signed-request.ts';
import { refuse, type VenueReply } from './venue-reply.ts';

export interface AnswerOptions {
  readonly context: EndpointContext;
  readonly keys: readonly ApiKey[];
  readonly metrics: Pick<SimulatorMetrics, 'request'>;
}

/** A request as it arrives. */
export interface VenueCall extends RawRequest {
  readonly method: string;
  readonly path: string;
}

export interface VenueAnswer {
  readonly status: number;
  /** To be sent as JSON. */
  readonly body: unknown;
}

const ENDPOINTS: ReadonlyMap<string, Endpoint> = new Map(
  [...MARKET_ENDPOINTS, ...ORDER_ENDPOINTS, ...ACCOUNT_ENDPOINTS, ...LISTEN_KEY_ENDPOINTS].map((endpoint) => [
    `${endpoint.method} ${endpoint.path}`,
    endpoint,
  ]),
);

/** MEXC's REST: 200 with the result, 400 with `{code, msg}`, or 404 for an endpoint that this venue does not have. */
export function answerCall(call: VenueCall, options: AnswerOptions): VenueAnswer {
  const name = `${call.method} ${call.path}`;
  const endpoint = ENDPOINTS.get(name);
  if (endpoint === undefined) {
    options.metrics.request('other', 404);
    return { status: 404, body: { code: 404, msg: `no endpoint ${name.slice(0, 100)}` } };
  }
  const reply = replyOf(endpoint, call, options);
  options.metrics.request(name, reply.ok ? 0 : reply.refusal.code);
  if (reply.ok) return { status: 200, body: reply.body };
  return { status: 400, body: { code: reply.refusal.code, msg: reply.refusal.message } };
}

function replyOf(endpoint: Endpoint, call: VenueCall, { context, keys }: AnswerOptions): VenueReply {
  if (endpoint.access === 'public') return endpoint.handle(new URLSearchParams(call.queryString), context);
  const checked = checkSigned(call, keys, context.clock.nowMs());
  return checked.ok ? endpoint.handle(checked.signed, context) : refuse(checked.refusal);
}
