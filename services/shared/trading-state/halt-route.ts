import { z } from 'zod';
import { tradingStateRequest, type TradingStateResponse } from '../contracts/control.ts';
import { requireToken } from '../runtime/http/authorization.ts';
import { HttpError, sendJson, type Route } from '../runtime/http/http-server.ts';
import type { TradingStates } from './trading-states.ts';

/** How long the response waits for the record at most. The command applies in any case. */
const SAVED_MS = 500;

/**
 * Serves `POST /control/halt`: 200 when the state applies, 409 when a less restrictive state is refused because its
 * revision is not newer, 400 with the field that is wrong, 401 without the stack's token. The command takes effect
 * before the first wait, so that neither the record nor the journal can delay a halt.
 */
export function haltRoute(
  token: () => string,
  states: Pick<TradingStates, 'apply' | 'saved' | 'status'>,
  openOrders: () => number | null,
): Route {
  return {
    method: 'POST',
    path: '/control/halt',
    handle: async (request, response) => {
      requireToken(request, token);
      const body = tradingStateRequest.safeParse(await request.json());
      if (!body.success) throw new HttpError(400, z.prettifyError(body.error).slice(0, 500));
      const { accepted, reason } = states.apply(body.data);
      await states.saved(SAVED_MS);
      const answer: TradingStateResponse = { ...states.status(), openOrders: openOrders(), reason };
      sendJson(response, accepted ? 200 : 409, answer);
    },
  };
}
