import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drainResponse, type CanaryTerms, type DrainRequest } from '../shared/contracts/control.ts';
import { parseDecimal } from '../shared/domain/decimal.ts';
import { createHttpServer, type HttpServer } from '../shared/runtime/http/http-server.ts';
import { createLogger } from '../shared/runtime/logger.ts';
import { controlRoutes } from './control-routes.ts';

let server: HttpServer;
let url: string;
let token = 'secret-token';
const requested: (number | DrainRequest | CanaryTerms)[] = [];

beforeAll(async () => {
  const routes = controlRoutes(() => token, {
    activate: async (epoch, canary) => {
      requested.push(canary ?? epoch);
      return await Promise.resolve({ accepted: epoch === 2, epoch, reason: 'test' });
    },
    drain: async (request) => {
      requested.push(request);
      const { epoch } = request;
      const response = { drained: false, epoch, reason: 'test', openOrders: [] };
      return await Promise.resolve({ accepted: epoch === 2, response });
    },
  });
  const log = createLogger({ name: 't', level: 'silent' });
  server = createHttpServer({ port: 0, host: '127.0.0.1', routes, log });
  url = `http://127.0.0.1:${await server.listen()}/control`;
});

afterAll(async () => {
  await server.close(0);
});

async function post(path: string, authorization: string, body: string): Promise<Response> {
  const headers = authorization === '' ? {} : { authorization };
  return await fetch(`${url}/${path}`, { method: 'POST', body, headers });
}

const DRAIN = '{"epoch":2,"deadlineMs":500,"resting":"Carry"}';

it.each([
  ['activate', '{"epoch":2}', '{"epoch":3}'],
  ['drain', DRAIN, DRAIN.replace('2', '3')],
])('%s answers 401 without the token of the stack, and 409 for an epoch that it rejects', async (path, body, other) => {
  requested.length = 0;
  for (const authorization of ['', 'Bearer secret-tokem', 'secret-token'])
    expect((await post(path, authorization, body)).status).toBe(401);
  expect(requested).toEqual([]);
  expect((await post(path, 'Bearer secret-token', body)).status).toBe(200);
  expect((await post(path, 'Bearer secret-token', other)).status).toBe(409);
  expect(requested).toHaveLength(2);
});

it.each([
  ['activate', '{}'],
  ['activate', '{"epoch":0}'],
  ['activate', '{"epoch":2,"force":true}'],
  ['activate', '{"epoch":2,"canary":{}}'],
  ['activate', '{"epoch":2,"canary":{"since":3,"maxNotional":"10"}}'],
  ['activate', '{"epoch":2,"canary":{"since":2,"maxNotional":"0"}}'],
  ['activate', '{"epoch":2,"canary":{"since":2,"maxNotional":10}}'],
  ['activate', '{"epoch":2,"canary":{"since":2,"maxNotional":"10","symbols":[]}}'],
  ['activate', '{"epoch":2,"canary":{"since":2,"maxNotional":"10","maxOrders":3}}'],
  ['drain', '{"epoch":2}'],
  ['drain', DRAIN.replace('500', '60001')],
  ['drain', DRAIN.replace('500', '-1')],
  ['drain', DRAIN.replace('Carry', 'Flat')],
  ['drain', DRAIN.replace('{', '{"force":true,')],
])('%s answers 400 to %s', async (path, body) => {
  requested.length = 0;
  expect((await post(path, 'Bearer secret-token', body)).status).toBe(400);
  expect(requested).toEqual([]);
});

it.each([
  ['activate', '{"epoch":2}'],
  ['drain', DRAIN],
])('%s takes the new token as soon as its Secret has changed, and the old one no more', async (path, body) => {
  token = 'new-token';
  const answers = [await post(path, 'Bearer new-token', body), await post(path, 'Bearer secret-token', body)];
  token = 'secret-token';
  expect(answers.map(({ status }) => status)).toEqual([200, 401]);
});

describe('a drain', () => {
  it('answers with what the contract says', async () => {
    const response = await post('drain', 'Bearer secret-token', DRAIN);
    expect(drainResponse.parse(await response.json())).toEqual({
      drained: false,
      epoch: 2,
      reason: 'test',
      openOrders: [],
    });
    expect(requested.at(-1)).toEqual({ epoch: 2, deadlineMs: 500, resting: 'Carry' });
  });
});

it('hands the canary of an activation on', async () => {
  requested.length = 0;
  const body = '{"epoch":2,"canary":{"since":2,"maxNotional":"10.5","symbols":["XRP/ETH"]}}';
  expect((await post('activate', 'Bearer secret-token', body)).status).toBe(200);
  expect(requested).toEqual([{ since: 2, maxNotional: parseDecimal('10.5'), symbols: ['XRP/ETH'] }]);
});
