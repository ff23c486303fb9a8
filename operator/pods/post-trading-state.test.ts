import { expect, it } from 'vitest';
import { catalogueRow } from '../../services/shared/contracts/catalogue.ts';
import { tradingStateRequest, type TradingStateRequest } from '../../services/shared/contracts/control.ts';
import type { AskPod, PodAnswerText } from './ask-pod.ts';
import { createPostTradingState, type TradingStateOutcome } from './post-trading-state.ts';

const { signal } = new AbortController();
const target = { ip: '10.0.0.7', service: 'execution' } as const;
const halt: TradingStateRequest = { source: 'spec', state: 'Halted', author: 'kubectl', reason: 'drill', revision: 7 };
const body = {
  state: 'Halted',
  sources: [{ ...halt, sinceMs: 1_000 }],
  persisted: false,
  openOrders: 2,
  reason: '',
};

function json(status: number, value: unknown): PodAnswerText {
  return { status, text: JSON.stringify(value) };
}

function portTo(answer: PodAnswerText, mayWrite = true, deadlineMs?: number) {
  const requests: { readonly url: string; readonly options: Parameters<AskPod>[1] }[] = [];
  const post = createPostTradingState({
    lease: { mayWrite: () => mayWrite },
    ask: async (url, options) => {
      requests.push({ url, options });
      return await Promise.resolve(answer);
    },
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
  });
  return { post, requests };
}

it('sends the state of a source to the control endpoint of the service, with a deadline of 1 s', async () => {
  const { post, requests } = portTo(json(200, body));
  await post({ ip: '10.0.0.7', service: 'risk' }, halt, 'secret', signal);
  const [request] = requests;
  expect(request?.url).toBe(`http://10.0.0.7:${catalogueRow('risk').port}/control/halt`);
  expect(request?.options).toMatchObject({
    method: 'POST',
    headers: { authorization: 'Bearer secret' },
    deadlineMs: 1_000,
  });
  expect(JSON.parse(request?.options.body ?? '')).toEqual(halt);
  const other = portTo(json(200, body), true, 300);
  await other.post(target, halt, 'secret', signal);
  expect(other.requests[0]?.options.deadlineMs).toBe(300);
});

const refused = { ...body, reason: 'revision 7 is not above 9' };

it.each<[string, PodAnswerText, TradingStateOutcome]>([
  [
    'applied',
    json(200, body),
    { kind: 'Accepted', body: { ...body, state: 'Halted', sources: [{ ...halt, sinceMs: 1_000 }] } },
  ],
  ['a late lift', json(409, refused), { kind: 'Refused', status: 409, reason: refused.reason, body: refused as never }],
  [
    'a wrong token',
    json(401, { error: 'the control token is missing or wrong' }),
    {
      kind: 'Refused',
      status: 401,
      reason:
        'HTTP 401: the control token is missing or wrong; its control token is not that of Secret ' +
        'tradingstack-control; it reads the Secret again once the kubelet has updated it, within two minutes; if this ' +
        'lasts, delete the pod',
      body: undefined,
    },
  ],
  [
    'an invalid field',
    json(400, { error: 'source is Spec' }),
    { kind: 'Refused', status: 400, reason: 'HTTP 400: source is Spec', body: undefined },
  ],
  [
    'a release that is older than the command',
    json(404, { error: 'no route for POST /control/halt' }),
    {
      kind: 'Refused',
      status: 404,
      reason:
        'HTTP 404: no route for POST /control/halt; its release is older than this command: insert a row into ' +
        'trading.halts to stop it (docs/runbook.md), and roll out a newer release',
      body: undefined,
    },
  ],
  ['a failure', json(500, { error: 'internal error' }), { kind: 'Unanswered', reason: 'HTTP 500: internal error' }],
  ['an acceptance without a state', json(200, { accepted: true }), { kind: 'Unanswered', reason: 'HTTP 200' }],
])('maps the response to an outcome: %s', async (_what, answer, outcome) => {
  expect(await portTo(answer).post(target, halt, 'token', signal)).toEqual(outcome);
});

it('shortens texts that the contract does not allow, so that no halt fails because of its reason', async () => {
  const { post, requests } = portTo(json(200, body));
  await post(target, { ...halt, author: 'a'.repeat(500), reason: '\u{1F6D1}'.repeat(500) }, 'token', signal);
  const sent: unknown = JSON.parse(requests[0]?.options.body ?? '');
  expect(tradingStateRequest.safeParse(sent).success).toBe(true);
  expect(sent).toMatchObject({ state: 'Halted', reason: '\u{1F6D1}'.repeat(150) });
});

it('sends nothing without the lease', async () => {
  const { post, requests } = portTo(json(200, body), false);
  expect(await post(target, halt, 'token', signal)).toEqual({ kind: 'LeaseLost' });
  expect(requests).toEqual([]);
});
