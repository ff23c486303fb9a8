import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../services/shared/runtime/clock.ts';
import { askPod, whyUnanswered } from './ask-pod.ts';

const { signal } = new AbortController();

/** Starts a server on a free port, and counts the connections to it. */
async function startProcess(answer: RequestListener): Promise<{ readonly url: string; connections: number }> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const process = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, connections: 0 };
  server.on('connection', () => (process.connections += 1));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return process;
}

it('sends a command over the connection that an earlier request opened', async () => {
  const bodies: string[] = [];
  const process = await startProcess((request, response) => {
    request.setEncoding('utf8').on('data', (text: string) => bodies.push(text));
    request.on('end', () => void response.end(`${request.method} ${request.headers.authorization}`));
  });
  for (let round = 0; round < 3; round += 1) {
    await askPod(process.url, { signal });
    await systemClock.sleep(20);
  }
  const headers = { authorization: 'Bearer token' };
  const answer = await askPod(process.url, { method: 'POST', headers, body: '{"epoch":3}', signal });
  expect(answer).toEqual({ status: 200, text: 'POST Bearer token' });
  expect([bodies, process.connections]).toEqual([['{"epoch":3}'], 1]);
});

it('does not queue a command behind a request that the process does not answer', async () => {
  const process = await startProcess((request, response) => {
    if (request.method === 'POST') response.end('halted');
  });
  const silent = askPod(process.url, { deadlineMs: 1_000, signal }).catch(() => undefined);
  const answer = await askPod(process.url, { method: 'POST', body: '{}', deadlineMs: 900, signal });
  expect(answer.text).toBe('halted');
  expect(await silent).toBe(undefined);
});

it('does not follow a redirect, so a token reaches no other address', async () => {
  let requests = 0;
  const elsewhere = await startProcess((_request, response) => {
    requests += 1;
    response.end();
  });
  const process = await startProcess((_request, response) => {
    response.writeHead(307, { location: elsewhere.url }).end();
  });
  const answer = await askPod(process.url, { method: 'POST', headers: { authorization: 'Bearer token' }, signal });
  expect([answer.status, requests]).toEqual([307, 0]);
});

it('rejects a response that exceeds the limit, without waiting for its end', async () => {
  const process = await startProcess((_request, response) => void response.write('x'.repeat(70_000)));
  await expect(askPod(process.url, { signal })).rejects.toThrow('response exceeds 65536 bytes');
});

it('rejects at the deadline when the process does not answer', async () => {
  const process = await startProcess(() => undefined);
  const error: unknown = await askPod(process.url, { deadlineMs: 50, signal }).catch((reason: unknown) => reason);
  expect(whyUnanswered(error)).toContain('timeout');
});

it('names the cause when nothing listens at the address', async () => {
  const error: unknown = await askPod('http://127.0.0.1:1/', { signal }).catch((reason: unknown) => reason);
  expect(whyUnanswered(error)).toContain('ECONNREFUSED');
});
