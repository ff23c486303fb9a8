import { createHash, timingSafeEqual } from 'node:crypto';
import { activateRequest, type ActivateResponse } from '../shared/contracts/control.ts';
import { HttpError, sendJson, type Route } from '../shared/runtime/http/http-server.ts';

/** `POST /control/activate {epoch}`: 200 when the epoch is held, 409 when it is not and will not be, 401 without the stack's token. */
export function controlRoute(token: string, activate: (epoch: number) => Promise<ActivateResponse>): Route {
  return {
    method: 'POST',
    path: '/control/activate',
    handle: async (request, response) => {
      if (!authorised(request.headers.authorization, token))
        throw new HttpError(401, 'the control token is missing or wrong');
      const body = activateRequest.safeParse(await request.json());
      if (!body.success) throw new HttpError(400, 'the body has to be {"epoch": <integer above 0>}');
      const answer = await activate(body.data.epoch);
      sendJson(response, answer.accepted ? 200 : 409, answer);
    },
  };
}

/** Digests have one length, so that the time of the comparison says nothing. */
function authorised(header: string | undefined, token: string): boolean {
  return timingSafeEqual(digestOf(header ?? ''), digestOf(`Bearer ${token}`));
}

function digestOf(text: string): Uint8Array {
  return createHash('sha256').update(text).digest();
}
