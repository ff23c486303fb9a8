import { missing, type VenueRefusal } from '../../core/venue-refusal.ts';
import type { EndpointContext, SignedEndpoint } from './endpoint.ts';
import type { SignedParameters } from './signed-request.ts';
import { answer, refuse, type VenueReply } from './venue-reply.ts';

const PATH = '/api/v3/userDataStream';
const TOO_MANY: VenueRefusal = { code: 730000, message: 'A maximum of 60 listen keys can be applied for' };
const UNKNOWN: VenueRefusal = { code: 400, message: 'Invalid listen key' };

/** MEXC's listen key endpoints (API document, "Listen Key"): keys that open an account's private stream. */
export const LISTEN_KEY_ENDPOINTS: readonly SignedEndpoint[] = [
  {
    access: 'signed',
    method: 'POST',
    path: PATH,
    handle: ({ account }, { listenKeys, clock }) => {
      const listenKey = listenKeys.create(account, clock.nowMs());
      return listenKey === undefined ? refuse(TOO_MANY) : answer({ listenKey });
    },
  },
  {
    access: 'signed',
    method: 'GET',
    path: PATH,
    handle: ({ account }, { listenKeys, clock }) => answer({ listenKey: listenKeys.list(account, clock.nowMs()) }),
  },
  {
    access: 'signed',
    method: 'PUT',
    path: PATH,
    handle: (signed, context) =>
      onKey(signed, context, (key, nowMs) => context.listenKeys.extend(signed.account, key, nowMs)),
  },
  {
    access: 'signed',
    method: 'DELETE',
    path: PATH,
    handle: (signed, context) =>
      onKey(signed, context, (key, nowMs) => context.listenKeys.remove(signed.account, key, nowMs)),
  },
];

function onKey(
  { parameters }: SignedParameters,
  { clock }: EndpointContext,
  act: (key: string, nowMs: number) => boolean,
): VenueReply {
  const listenKey = parameters.get('listenKey');
  if (listenKey === null) return refuse(missing('listenKey'));
  return act(listenKey, clock.nowMs()) ? answer({ listenKey }) : refuse(UNKNOWN);
}
