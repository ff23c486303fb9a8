import { AsyncLocalStorage } from 'node:async_hooks';
import { expect, it } from 'vitest';
import { systemClock } from '../../../runtime/clock.ts';
import { createLogger } from '../../../runtime/logger.ts';
import { createCcxt, type CallContext } from './signed-rest.ts';

function create(sent: string[] = []) {
  const contexts = new AsyncLocalStorage<CallContext>();
  const exchange = createCcxt(
    {
      restUrl: 'http://venue.test/',
      apiKey: 'key',
      secretKey: 'secret',
      recvWindowMs: 1_000,
      clock: systemClock,
      log: createLogger({ name: 'test', level: 'silent' }),
    },
    contexts,
    {
      send: async ({ url }) => {
        sent.push(url);
        const failed = { written: true, status: undefined, body: '', retryAfter: undefined, failure: 'ECONNRESET' };
        return await Promise.resolve(failed);
      },
    },
  );
  const outcome = { written: false, status: undefined, body: '', retryAfter: undefined, failure: undefined };
  const context: CallContext = { timestampMs: 5, recvWindowMs: 700, refusal: () => undefined, outcome };
  const inCall = async (work: () => Promise<unknown>): Promise<unknown> => await contexts.run(context, work);
  return { exchange, inCall, context };
}

it('never retries a request, and locks the retry option, the rate limiter and the sandbox', () => {
  const { exchange } = create();
  expect(exchange.options['maxRetriesOnFailure']).toBe(0);
  expect(() => {
    exchange.options['maxRetriesOnFailure'] = 3;
  }).toThrow(TypeError);
  expect(exchange.options['maxRetriesOnFailure']).toBe(0);
  expect(exchange.enableRateLimit).toBe(false);
  expect(() => exchange.setSandboxMode(true)).toThrow('no sandbox');
});

it('sends once even if ccxt considers the failure retryable', async () => {
  const sent: string[] = [];
  const { exchange, inCall, context } = create(sent);
  await expect(inCall(async () => await exchange.request('order', ['spot', 'private'], 'POST', {}))).rejects.toThrow(
    'fetch failed',
  );
  expect(sent).toHaveLength(1);
  expect(sent[0]).toMatch(/^http:\/\/venue\.test\/api\/v3\/order\?timestamp=5&recvWindow=700&signature=[0-9a-f]{64}$/);
  expect(context.outcome).toMatchObject({ written: true, failure: 'ECONNRESET' });
});

it('has no address other than the configured one', async () => {
  const sent: string[] = [];
  const { exchange, inCall } = create(sent);
  expect(JSON.stringify(exchange.urls['api'])).not.toContain('mexc');
  const elsewhere = inCall(async () => await exchange.request('x', ['contract', 'public'], 'GET', {}));
  await expect(elsewhere).rejects.toThrow(TypeError);
  expect(sent).toEqual([]);
});
