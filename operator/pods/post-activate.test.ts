import { createServer, type RequestListener } from 'node:http';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { catalogueRow } from '../../services/shared/contracts/catalogue.ts';
import { createPostActivate } from './post-activate.ts';

const command = { pod: 'demo-execution-blue-0', uid: 'u', ip: '10.0.0.7', epoch: 3 };
const { signal } = new AbortController();
const postActivate = createPostActivate(() => true);

afterEach(() => void vi.unstubAllGlobals());

function answering(answer: () => Response): void {
  vi.stubGlobal('fetch', async () => await Promise.resolve(answer()));
}

const refusal = { accepted: false, epoch: 5, reason: 'the fence is at epoch 5' };

it.each([
  ['accepted', Response.json({ accepted: true, epoch: 3, reason: 'Granted' }), { kind: 'Accepted', reason: 'Granted' }],
  ['a higher fence', Response.json(refusal, { status: 409 }), { kind: 'Refused', reason: refusal.reason }],
  [
    'a wrong token',
    Response.json({ error: 'the control token is missing or wrong' }, { status: 401 }),
    { kind: 'Refused', reason: 'HTTP 401: the control token is missing or wrong' },
  ],
  ['rejected by a proxy', new Response('<html>', { status: 403 }), { kind: 'Refused', reason: 'HTTP 403' }],
  [
    'an internal error',
    Response.json({ error: 'internal error' }, { status: 500 }),
    { kind: 'Unanswered', reason: 'HTTP 500: internal error' },
  ],
  ['an answer of another server', new Response('hello'), { kind: 'Unanswered', reason: 'HTTP 200' }],
])('maps the response to an outcome: %s', async (_what, response, outcome) => {
  answering(() => response);
  expect(await postActivate(command, 'token', signal)).toEqual(outcome);
});

it('returns Unanswered with the cause if the process does not answer', async () => {
  vi.stubGlobal('fetch', async () => {
    await Promise.resolve();
    throw new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') });
  });
  const outcome = { kind: 'Unanswered', reason: 'fetch failed (connect ECONNREFUSED)' };
  expect(await postActivate(command, 'token', signal)).toEqual(outcome);
});

it('checks the lease for each activation, and sends nothing without it', async () => {
  const send = vi.fn<typeof fetch>(
    async () => await Promise.resolve(Response.json({ accepted: true, epoch: 3, reason: '' })),
  );
  vi.stubGlobal('fetch', send);
  let leads = true;
  const whileLeading = createPostActivate(() => leads);
  expect(await whileLeading(command, 'token', signal)).toMatchObject({ kind: 'Accepted' });
  leads = false;
  expect(await whileLeading(command, 'token', signal)).toEqual({ kind: 'LeaseLost' });
  expect(send).toHaveBeenCalledTimes(1);
});

/** Starts a server at the port of execution on a loopback address of its own. */
async function startSender(ip: string, answer: RequestListener): Promise<void> {
  const server = createServer(answer);
  const { port } = catalogueRow('execution');
  await new Promise<void>((resolve) => void server.listen(port, ip, resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
}

it('does not follow a redirect, so the token reaches no other address', async () => {
  let elsewhere = 0;
  await startSender('127.0.0.42', (_request, response) => {
    elsewhere += 1;
    response.end();
  });
  const location = `http://127.0.0.42:${catalogueRow('execution').port}/`;
  await startSender('127.0.0.41', (_request, response) => void response.writeHead(307, { location }).end());
  const outcome = await postActivate({ ...command, ip: '127.0.0.41' }, 'token', signal);
  expect([outcome.kind, elsewhere]).toEqual(['Unanswered', 0]);
});
