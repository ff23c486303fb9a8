import { activateRequest } from '../../shared/contracts/control.ts';
import { messageOf } from '../../shared/runtime/errors.ts';
import { requireToken } from '../../shared/runtime/http/authorization.ts';
import { HttpError, sendJson, type Route } from '../../shared/runtime/http/http-server.ts';
import type { Activation } from './activation.ts';

/**
 * Serves `POST /control/activate`: 200 when the release of this process is active in the epoch, 409 when another one is
 * in an epoch that is not lower, 400 to a malformed body, 401 without the stack's token,
 * 503 when the record does not take it: the operator repeats it.
 */
export function activateRoute(token: () => string, { activate }: Pick<Activation, 'activate'>): Route {
  return {
    method: 'POST',
    path: '/control/activate',
    handle: async (request, response) => {
      requireToken(request, token);
      const body = activateRequest.safeParse(await request.json());
      if (!body.success) throw new HttpError(400, 'the body must be {"epoch": <integer above 0>}');
      const outcome = await activate(body.data.epoch).catch(notWritten);
      sendJson(response, outcome.accepted ? 200 : 409, outcome);
    },
  };
}

function notWritten(error: unknown): never {
  throw new HttpError(503, `the active release of risk is not written: ${messageOf(error)}`, { cause: error });
}
