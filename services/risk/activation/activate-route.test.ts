import { expect, it } from 'vitest';
import { createHttpServer } from '../../shared/runtime/http/http-server.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { activateRoute } from './activate-route.ts';

it('answers 503 with the reason when the record does not take the activation', async () => {
  const activate = async () => await Promise.reject(new Error('another session holds the row'));
  const log = createLogger({ name: 't', level: 'silent' });
  const routes = [activateRoute(() => 'token', { activate })];
  const server = createHttpServer({ port: 0, host: '127.0.0.1', routes, log });
  try {
    const url = `http://127.0.0.1:${await server.listen()}/control/activate`;
    const headers = { authorization: 'Bearer token' };
    const answer = await fetch(url, { method: 'POST', headers, body: '{"epoch":2}' });
    expect([answer.status, await answer.json()]).toEqual([
      503,
      { error: 'the active release of risk is not written: another session holds the row' },
    ]);
  } finally {
    await server.close(0);
  }
});
