import { expect, it } from 'vitest';
import { catalogueRow } from '../../services/shared/contracts/catalogue.ts';
import type { AskPod } from './ask-pod.ts';
import { createPostDrain } from './post-drain.ts';

const LEADS = { mayWrite: () => true };
const target = { ip: '10.0.0.1', epoch: 3, deadlineMs: 2_000, resting: 'Carry' } as const;
const { signal } = new AbortController();
const answering =
  (status: number, body: object): AskPod =>
  async () =>
    await Promise.resolve({ status, text: JSON.stringify(body) });
const drained = {
  drained: true,
  epoch: 3,
  reason: '',
  openOrders: [{ clientOrderId: 'c', symbol: 'XRP/ETH', side: 'buy' }],
};

it('asks the sender, with the token, for its epoch', async () => {
  const asked: unknown[] = [];
  const ask: AskPod = async (url, request) => {
    asked.push([url, JSON.parse(String(request.body)), request.headers]);
    return await answering(200, drained)(url, request);
  };
  expect(await createPostDrain(LEADS, ask)(target, 'token', signal)).toEqual({ kind: 'Drained', openOrders: 1 });
  const url = `http://10.0.0.1:${catalogueRow('execution').port}/control/drain`;
  expect(asked).toMatchObject([
    [url, { epoch: 3, deadlineMs: 2_000, resting: 'Carry' }, { authorization: 'Bearer token' }],
  ]);
});

it.each<[string, AskPod, string]>([
  [
    'goes on draining',
    answering(200, { ...drained, drained: false, reason: '2 orders in flight' }),
    '2 orders in flight',
  ],
  ['refuses', answering(409, { ...drained, drained: false, reason: 'this process is armed' }), 'this process is armed'],
  ['is of a release without drain', answering(404, { error: 'no such route' }), 'HTTP 404'],
  ['does not answer', async () => await Promise.reject(new Error('connect ECONNREFUSED')), 'ECONNREFUSED'],
])('is not clean when the process %s', async (_what, ask, reason) => {
  const outcome = await createPostDrain(LEADS, ask)(target, 'token', signal);
  expect(outcome).toEqual({ kind: 'NotDrained', reason: expect.stringContaining(reason) });
});

it('ends a second after the deadline of the request, whatever the process does', async () => {
  const hangs: AskPod = async (_url, request) =>
    await new Promise((_resolve, reject) => {
      request.signal?.addEventListener('abort', () => reject(new Error('aborted')));
    });
  const outcome = await createPostDrain(LEADS, hangs)({ ...target, deadlineMs: 0 }, 'token', signal);
  expect(outcome.kind).toBe('NotDrained');
});

it('sends nothing once this operator no longer leads', async () => {
  const outcome = await createPostDrain({ mayWrite: () => false }, answering(200, drained))(target, 'token', signal);
  expect(outcome).toEqual({ kind: 'LeaseLost' });
});
