import {
  activateRequest,
  drainRequest,
  type ActivateResponse,
  type CanaryTerms,
  type DrainRequest,
} from '../shared/contracts/control.ts';
import { requireToken } from '../shared/runtime/http/authorization.ts';
import { HttpError, sendJson, type Route } from '../shared/runtime/http/http-server.ts';
import type { DrainOutcome } from './swap/drain.ts';

export interface ControlledSender {
  readonly activate: (epoch: number, canary?: CanaryTerms) => Promise<ActivateResponse>;
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
        if (!body.success) throw new HttpError(400, `the body must be ${ACTIVATE_BODY}`);
        const outcome = await activate(body.data.epoch, body.data.canary);
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

const ACTIVATE_BODY =
  '{"epoch": <integer above 0>}, with "canary": {"since": <at most epoch>, "maxNotional": "<decimal above 0>", "symbols": [...]} if it has one';
const DRAIN_BODY = '{"epoch": <integer above 0>, "deadlineMs": <0 to 60000>, "resting": "Carry" or "Cancel"}';
