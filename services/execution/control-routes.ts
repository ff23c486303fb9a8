import {
  activateRequest,
  drainRequest,
  type ActivateResponse,
  type DrainRequest,
} from '../shared/contracts/control.ts';
import { requireToken } from '../shared/runtime/http/authorization.ts';
import { HttpError, sendJson, type Route } from '../shared/runtime/http/http-server.ts';
import type { DrainOutcome } from './swap/drain.ts';

export interface ControlledSender {
  readonly activate: (epoch: number) => Promise<ActivateResponse>;
  readonly drain: (request: DrainRequest) => Promise<DrainOutcome>;
}

/**
 * Serves `POST /control/activate` and `POST /control/drain`: 200 when this process holds the epoch, or has drained it;
 * 409 when it rejects the epoch, 400 to a malformed body, 401 without the stack's token.
 */
export function controlRoutes(token: () => string, { activate, drain }: ControlledSender): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/control/activate',
      handle: async (request, response) => {
        requireToken(request, token);
        const body = activateRequest.safeParse(await request.json());
        if (!body.success) throw new HttpError(400, 'the body must be {"epoch": <integer above 0>}');
        const outcome = await activate(body.data.epoch);
        sendJson(response, outcome.accepted ? 200 : 409, outcome);
      },
    },
    {
      method: 'POST',
      path: '/control/drain',
      handle: async (request, response) => {
        requireToken(request, token);
        const body = drainRequest.safeParse(await request.json());
        if (!body.success) throw new HttpError(400, `the body must be ${DRAIN_BODY}`);
        const outcome = await drain(body.data);
        sendJson(response, outcome.accepted ? 200 : 409, outcome.response);
      },
    },
  ];
}

const DRAIN_BODY = '{"epoch": <integer above 0>, "deadlineMs": <0 to 60000>, "resting": "Carry" or "Cancel"}';
