import { expect, it } from 'vitest';
import { catalogueRow } from '../../services/shared/contracts/catalogue.ts';
import type { PodAnswerText } from './ask-pod.ts';
import { createPostActivate } from './post-activate.ts';

const command = { service: 'execution', pod: 'demo-execution-blue-0', uid: 'u', ip: '10.0.0.7', epoch: 3 } as const;
const { signal } = new AbortController();

const refusal = { accepted: false, epoch: 5, reason: 'the fence is at epoch 5' };

it.each<[string, PodAnswerText, unknown]>([
  ['accepted', answer(200, { accepted: true, epoch: 3, reason: 'Granted' }), { kind: 'Accepted', reason: 'Granted' }],
  ['a higher fence', answer(409, refusal), { kind: 'Refused', reason: refusal.reason }],
  ['a refusal with the wrong status', answer(200, refusal), { kind: 'Refused', reason: refusal.reason }],
  [
    'a wrong token',
    answer(401, { error: 'the control token is missing or wrong' }),
    { kind: 'Refused', reason: 'HTTP 401: the control token is missing or wrong' },
  ],
  ['an internal error', answer(500, { error: 'oops' }), { kind: 'Unanswered', reason: 'HTTP 500: oops' }],
  ['an answer of another server', { status: 200, text: 'hello' }, { kind: 'Unanswered', reason: 'HTTP 200' }],
])('maps the response to an outcome: %s', async (_what, response, outcome) => {
  const postActivate = createPostActivate({ mayWrite: () => true }, async () => await Promise.resolve(response));
  expect(await postActivate(command, 'token', signal)).toEqual(outcome);
});

it('asks the sender for the epoch, and for nothing else of the command', async () => {
  const requests: unknown[] = [];
  const postActivate = createPostActivate({ mayWrite: () => true }, async (url, { body, headers, deadlineMs }) => {
    requests.push([url, body, headers?.['authorization'], deadlineMs]);
    return await Promise.resolve(answer(200, refusal));
  });
  await postActivate(command, 'token', signal);
  const url = `http://10.0.0.7:${catalogueRow('execution').port}/control/activate`;
  expect(requests).toEqual([[url, '{"epoch":3}', 'Bearer token', 5_000]]);
  await postActivate({ ...command, canary: { since: 2, maxNotional: '10' } }, 'token', signal);
  expect(requests[1]).toContain('{"epoch":3,"canary":{"since":2,"maxNotional":"10"}}');
});

it('sends nothing without the lease', async () => {
  let sent = 0;
  const postActivate = createPostActivate({ mayWrite: () => false }, async () => {
    sent += 1;
    return await Promise.resolve(answer(200, refusal));
  });
  expect(await postActivate(command, 'token', signal)).toEqual({ kind: 'LeaseLost' });
  expect(sent).toBe(0);
});

function answer(status: number, body: unknown): PodAnswerText {
  return { status, text: JSON.stringify(body) };
}
