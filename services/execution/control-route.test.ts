import { afterAll, beforeAll, expect, it } from 'vitest';
import { createHttpServer, type HttpServer } from '../shared/runtime/http/http-server.ts';
import { createLogger } from '../shared/runtime/logger.ts';
import { controlRoute } from './control-route.ts';

let server: HttpServer;
let url: string;
const asked: number[] = [];

beforeAll(async () => {
  const route = controlRoute('secret-token', async (epoch) => {
    asked.push(epoch);
    return await Promise.resolve({ accepted: epoch === 2, epoch, reason: 'test' });
  });
  server = createHttpServer({
    port: 0,
    host: '127.0.0.1',
    routes: [route],
    log: createLogger({ name: 't', level: 'silent' }),
  });
  url = `http://127.0.0.1:${await server.listen()}/control/activate`;
});

afterAll(async () => {
  await server.close(0);
});

it.each([
  ['the stack token', 'Bearer secret-token', '{"epoch":2}', 200],
  ['an epoch that is not granted', 'Bearer secret-token', '{"epoch":3}', 409],
  ['no token', '', '{"epoch":2}', 401],
  ['another token', 'Bearer secret-tokem', '{"epoch":2}', 401],
  ['the token without its scheme', 'secret-token', '{"epoch":2}', 401],
  ['no epoch', 'Bearer secret-token', '{}', 400],
  ['epoch 0', 'Bearer secret-token', '{"epoch":0}', 400],
  ['something else beside the epoch', 'Bearer secret-token', '{"epoch":2,"force":true}', 400],
])('answers %s', async (_what, authorization, body, status) => {
  const before = asked.length;
  const response = await fetch(url, { method: 'POST', body, headers: authorization === '' ? {} : { authorization } });
  expect(response.status).toBe(status);
  expect(asked.length - before).toBe(status === 200 || status === 409 ? 1 : 0);
});
