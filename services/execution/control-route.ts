import { activateRequest, type ActivateResponse } from '../shared/contracts/control.ts';
import { requireToken } from '../shared/runtime/http/authorization.ts';
import { HttpError, sendJson, type Route } from '../shared/runtime/http/http-server.ts';

/**
 * Serves `POST /control/activate {epoch}`: 200 when this process holds the epoch, 409 when it rejects the epoch, 401
 * without the stack's token.
 */
export function controlRoute(token: () => string, activate: (epoch: number) => Promise<ActivateResponse>): Route {
  return {
    method: 'POST',
    path: '/control/activate',
    handle: async (request, response) => {
      requireToken(request, token);
      const body = activateRequest.safeParse(await request.json());
      if (!body.success) throw new HttpError(400, 'the body must be {"epoch": <integer above 0>}');
      const outcome = await activate(body.data.epoch);
      sendJson(response, outcome.accepted ? 200 : 409, outcome);
    },
  };
}
