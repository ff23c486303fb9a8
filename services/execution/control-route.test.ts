import { afterAll, beforeAll, expect, it } from 'vitest';
import { createHttpServer, type HttpServer } from '../shared/runtime/http/http-server.ts';
import { createLogger } from '../shared/runtime/logger.ts';
import { controlRoute } from './control-route.ts';

let server: HttpServer;
let url: string;
const requested: number[] = [];

beforeAll(async () => {
  const route = controlRoute(
    () => 'secret-token',
    async (epoch) => {
      requested.push(epoch);
      return await Promise.resolve({ accepted: epoch === 2, epoch, reason: 'test' });
    },
  );
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
  ['200 to a request with the stack token', 'Bearer secret-token', '{"epoch":2}', 200],
  ['409 for an epoch that is not granted', 'Bearer secret-token', '{"epoch":3}', 409],
  ['401 without a token', '', '{"epoch":2}', 401],
  ['401 to another token', 'Bearer secret-tokem', '{"epoch":2}', 401],
  ['401 to the token without its scheme', 'secret-token', '{"epoch":2}', 401],
  ['400 without an epoch', 'Bearer secret-token', '{}', 400],
  ['400 to epoch 0', 'Bearer secret-token', '{"epoch":0}', 400],
  ['400 to a body with another field', 'Bearer secret-token', '{"epoch":2,"force":true}', 400],
])('answers %s', async (_title, authorization, body, status) => {
  const before = requested.length;
  const response = await fetch(url, { method: 'POST', body, headers: authorization === '' ? {} : { authorization } });
  expect(response.status).toBe(status);
  expect(requested.length - before).toBe(status === 200 || status === 409 ? 1 : 0);
});
