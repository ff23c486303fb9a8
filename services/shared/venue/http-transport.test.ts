import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { HttpOutcome } from './http-outcome.ts';
import { HttpTransport } from './http-transport.ts';

let server: Server;
let transport: HttpTransport;
let stop: AbortController;
let asked = 0;

beforeEach(async () => {
  asked = 0;
  stop = new AbortController();
  transport = new HttpTransport();
  // It answers no GET.
  server = createServer((request, response) => {
    if (request.method === 'GET') asked += 1;
    else response.end('{}');
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
});

afterEach(async () => {
  stop.abort();
  transport.close();
  server.closeAllConnections();
  await new Promise((resolve) => {
    server.close(resolve);
  });
});

async function send(method: string): Promise<HttpOutcome> {
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/`;
  return await transport.send({
    url,
    method,
    headers: {},
    body: undefined,
    signal: stop.signal,
    refusal: () => undefined,
  });
}

it.each(['POST', 'DELETE'])('a %s does not wait for the answers to three hundred questions', async (method) => {
  const questions = Array.from({ length: 300 }, async () => await send('GET'));
  await expect.poll(() => asked, { timeout: 10_000 }).toBe(300);
  expect(await send(method)).toMatchObject({ written: true, status: 200 });
  stop.abort();
  expect(new Set((await Promise.all(questions)).map(({ failure }) => failure))).toEqual(new Set(['timeout']));
});
