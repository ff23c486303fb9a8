import { sendJson, type HttpHandler, type HttpRequest } from '../../../shared/runtime/http/http-server.ts';
import type { SimulatorMetrics } from '../../metrics.ts';
import { ACCOUNT_ENDPOINTS } from './account-endpoints.ts';
import type { Endpoint, EndpointContext } from './endpoint.ts';
import { LISTEN_KEY_ENDPOINTS } from './listen-key-endpoints.ts';
import { MARKET_ENDPOINTS } from './market-endpoints.ts';
import { ORDER_ENDPOINTS } from './order-endpoints.ts';
import { checkSigned, type ApiKey } from './signed-request.ts';
import { refuse, type VenueReply } from './venue-reply.ts';

export interface VenueApiOptions {
  readonly context: EndpointContext;
  readonly keys: readonly ApiKey[];
  readonly metrics: SimulatorMetrics;
}

const ENDPOINTS: ReadonlyMap<string, Endpoint> = new Map(
  [...MARKET_ENDPOINTS, ...ORDER_ENDPOINTS, ...ACCOUNT_ENDPOINTS, ...LISTEN_KEY_ENDPOINTS].map((endpoint) => [
    `${endpoint.method} ${endpoint.path}`,
    endpoint,
  ]),
);

/** MEXC's REST: 200 with the result, 400 with `{code, msg}`, or 404 for an endpoint that this venue does not have. */
export function createVenueApi(options: VenueApiOptions): HttpHandler {
  return async (request, response) => {
    const name = `${request.method} ${request.path}`;
    const endpoint = ENDPOINTS.get(name);
    if (endpoint === undefined) {
      options.metrics.request('other', 404);
      sendJson(response, 404, { code: 404, msg: `no endpoint ${name.slice(0, 100)}` });
      return;
    }
    const body = await request.body();
    const reply = answerOf(endpoint, request, body, options);
    options.metrics.request(name, reply.ok ? 0 : reply.refusal.code);
    if (reply.ok) sendJson(response, 200, reply.body);
    else sendJson(response, 400, { code: reply.refusal.code, msg: reply.refusal.message });
  };
}

function answerOf(endpoint: Endpoint, request: HttpRequest, body: string, options: VenueApiOptions): VenueReply {
  const { context, keys } = options;
  if (endpoint.access === 'public') return endpoint.handle(request.query, context);
  const queryString = (request.raw.url ?? '').split('?')[1] ?? '';
  const header = request.headers['x-mexc-apikey'];
  const apiKey = Array.isArray(header) ? header[0] : header;
  const checked = checkSigned({ queryString, body, apiKey }, keys, context.clock.nowMs());
  return checked.ok ? endpoint.handle(checked.signed, context) : refuse(checked.refusal);
}
