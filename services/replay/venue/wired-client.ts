import { answerCall, type AnswerOptions } from '../../exchange-simulator/rest/mexc/answer-call.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import type { HttpOutcome } from '../../shared/venue/http-outcome.ts';
import type { HttpCall } from '../../shared/venue/http-transport.ts';
import { createMexcClient } from '../../shared/venue/mexc/trading-client.ts';
import type { TradingVenue } from '../../shared/venue/trading-venue.ts';
import type { Request } from '../core/network.ts';
import { NO_ANSWER, outcomeOf } from './network-outcome.ts';
import { VENUE_KEY } from './wired-venue.ts';

export interface WiredClientOptions {
  readonly api: AnswerOptions;
  readonly symbols: readonly string[];
  readonly request: Request;
  /** By which the client signs. */
  readonly clock: Clock;
  readonly isTroubled: () => boolean;
}

const ORIGIN = 'http://venue.invalid';
/** Window with which execution's client signs every request that creates no order. */
const QUERY_WINDOW_MS = 2_000;
/** In real time. The network ends every request earlier, in virtual time. */
const DEADLINE_MS = 600_000;
const log = createLogger({ name: 'simulation', level: 'silent' });

/**
 * Creates MEXC's real client: it signs, encodes, pages and reads answers as in production. Its bytes reach the venue's
 * real endpoints over the network of the replay.
 */
export function createWiredClient({ api, symbols, request, clock, isTroubled }: WiredClientOptions): TradingVenue {
  const send = async (call: HttpCall): Promise<HttpOutcome> => {
    const refused = call.refusal();
    if (refused !== undefined) return { ...NO_ANSWER, written: false, failure: refused };
    const { pathname, search } = new URL(call.url);
    const reply = await request<HttpOutcome>(
      () => {
        const apiKey = call.headers['X-MEXC-APIKEY'];
        const arrived = { queryString: search.slice(1), body: call.body ?? '', apiKey };
        const { status, body } = answerCall({ method: call.method, path: pathname, ...arrived }, api);
        return { kind: 'ok', value: { ...NO_ANSWER, status, body: JSON.stringify(body) } };
      },
      call.method === 'POST' && isTroubled(),
    );
    return outcomeOf(reply);
  };
  return createMexcClient({
    restUrl: ORIGIN,
    apiKey: VENUE_KEY.key,
    secretKey: VENUE_KEY.secret,
    recvWindowMs: QUERY_WINDOW_MS,
    deadlineMs: DEADLINE_MS,
    symbols,
    transport: { send, close: () => {} },
    clock,
    log,
  });
}
