import { expect, it } from 'vitest';
import { catalogueRow } from '../../services/shared/contracts/catalogue.ts';
import { activateResponse } from '../../services/shared/contracts/control.ts';
import type { AskPod, PodAnswerText } from './ask-pod.ts';
import { createPostControl, type ControlOutcome } from './post-control.ts';

const { signal } = new AbortController();
const target = { ip: '10.0.0.7', service: 'execution' } as const;
const body = { accepted: true, epoch: 3, reason: 'Granted' };
const refusal = { accepted: false, epoch: 5, reason: 'the fence is at epoch 5' };

interface Request {
  readonly url: string;
  readonly options: Parameters<AskPod>[1];
}

/** Creates a command whose requests are recorded and answered by `answer`. */
function commandTo(answer: () => PodAnswerText, mayWrite = (): boolean => true) {
  const requests: Request[] = [];
  const post = createPostControl({
    path: '/control/activate',
    parse: (value) => activateResponse.safeParse(value).data,
    deadlineMs: 1_000,
    lease: { mayWrite },
    ask: async (url, options) => {
      requests.push({ url, options });
      return await Promise.resolve(answer());
    },
  });
  return { post, requests };
}

function json(status: number, value: unknown): PodAnswerText {
  return { status, text: JSON.stringify(value) };
}

it('sends the body and the token to the port of the service, with the deadline', async () => {
  const { post, requests } = commandTo(() => json(200, body));
  await post({ ip: 'fd00::7', service: 'risk' }, { epoch: 3 }, 'secret', signal);
  expect(requests).toEqual([
    {
      url: `http://[fd00::7]:${catalogueRow('risk').port}/control/activate`,
      options: {
        method: 'POST',
        headers: { authorization: 'Bearer secret', 'content-type': 'application/json' },
        body: '{"epoch":3}',
        deadlineMs: 1_000,
        signal,
      },
    },
  ]);
});

const refused = (status: number, reason: string): ControlOutcome<unknown> => ({
  kind: 'Refused',
  status,
  reason,
  body: undefined,
});

it.each<[string, PodAnswerText, ControlOutcome<unknown>]>([
  ['acceptance', json(200, body), { kind: 'Accepted', body }],
  ['refusal', json(409, refusal), { kind: 'Refused', status: 409, reason: refusal.reason, body: refusal }],
  ['a conflict of another server', json(409, 'no'), refused(409, 'HTTP 409')],
  ['a wrong token', json(401, { error: 'the token is wrong' }), refused(401, 'HTTP 401: the token is wrong')],
  ['an invalid field', json(400, { error: 'epoch is 0' }), refused(400, 'HTTP 400: epoch is 0')],
  ['an older release', json(404, { error: 'no route for POST /x' }), refused(404, 'HTTP 404: no route for POST /x')],
  ['a proxy', { status: 403, text: '<html>' }, refused(403, 'HTTP 403')],
  ['a long error', json(400, { error: 'x'.repeat(500) }), refused(400, `HTTP 400: ${'x'.repeat(200)}`)],
  ['an internal error', json(500, { error: 'internal' }), { kind: 'Unanswered', reason: 'HTTP 500: internal' }],
  ['no answer in time', json(503, { error: 'deadline' }), { kind: 'Unanswered', reason: 'HTTP 503: deadline' }],
  ['a redirect', { status: 307, text: '' }, { kind: 'Unanswered', reason: 'HTTP 307' }],
  ['an acceptance of another server', { status: 200, text: 'hello' }, { kind: 'Unanswered', reason: 'HTTP 200' }],
])('maps the response to an outcome: %s', async (_what, response, outcome) => {
  expect(await commandTo(() => response).post(target, { epoch: 3 }, 'token', signal)).toEqual(outcome);
});

it('returns Unanswered with the cause if the process does not answer', async () => {
  const { post } = commandTo(() => {
    throw new Error('request failed', { cause: new Error('connect ECONNREFUSED') });
  });
  const outcome = { kind: 'Unanswered', reason: 'request failed (connect ECONNREFUSED)' };
  expect(await post(target, { epoch: 3 }, 'token', signal)).toEqual(outcome);
});

it('checks the lease for each command, and sends nothing without it', async () => {
  let leads = true;
  const { post, requests } = commandTo(
    () => json(200, body),
    () => leads,
  );
  expect(await post(target, { epoch: 3 }, 'token', signal)).toEqual({ kind: 'Accepted', body });
  leads = false;
  expect(await post(target, { epoch: 3 }, 'token', signal)).toEqual({ kind: 'LeaseLost' });
  expect(requests.length).toBe(1);
});
