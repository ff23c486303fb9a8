import { afterEach, describe, expect, it } from 'vitest';
import { degraded, failed, Health, OK } from '../health.ts';
import { createHttpServer, HttpError, sendJson, type HttpServerOptions } from './http-server.ts';
import { createLogger } from '../logger.ts';
import { createMetrics } from '../metrics.ts';
import { statusRoutes } from './status-routes.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function serve(options: Partial<HttpServerOptions>): Promise<string> {
  const server = createHttpServer({ port: 0, host: '127.0.0.1', routes: [], log, ...options });
  const port = await server.listen();
  closing.push(async () => await server.close(50));
  return `http://127.0.0.1:${port}`;
}

describe('createHttpServer', () => {
  const echo = {
    method: 'POST' as const,
    path: '/echo',
    handle: async (request: { json(): Promise<unknown> }, response: Parameters<typeof sendJson>[0]) =>
      sendJson(response, 200, await request.json()),
  };

  it('dispatches by method and path', async () => {
    const base = await serve({ routes: [echo] });
    const response = await fetch(`${base}/echo?x=1`, { method: 'POST', body: '{"a":1}' });
    expect(await response.json()).toEqual({ a: 1 });
  });

  it.each([
    ['an unknown path', '/nothing', { method: 'GET' }, 404],
    ['a wrong method', '/echo', { method: 'GET' }, 405],
    ['a body that is not JSON', '/echo', { method: 'POST', body: '{' }, 400],
    ['a body that exceeds the limit', '/echo', { method: 'POST', body: '"0123456789"' }, 413],
  ])('rejects %s', async (_what, path, init, status) => {
    const base = await serve({ routes: [echo], bodyLimitBytes: 10 });
    const response = await fetch(base + path, init);
    expect(response.status).toBe(status);
    expect(await response.json()).toHaveProperty('error');
  });

  it('does not reveal an unexpected error', async () => {
    const handle = async (): Promise<void> => await Promise.reject(new Error('password=hunter2'));
    const base = await serve({ routes: [{ method: 'GET', path: '/x', handle }] });
    const response = await fetch(`${base}/x`);
    expect([response.status, await response.text()]).toEqual([500, '{"error":"internal error"}']);
  });

  it('responds with 503 when a handler exceeds the deadline', async () => {
    const base = await serve({ requestTimeoutMs: 30, fallback: async () => await new Promise<void>(() => {}) });
    expect((await fetch(`${base}/slow`)).status).toBe(503);
  });

  it('responds with the status of an HttpError', async () => {
    const base = await serve({ fallback: async () => await Promise.reject(new HttpError(409, 'fenced')) });
    const response = await fetch(`${base}/any`);
    expect([response.status, await response.json()]).toEqual([409, { error: 'fenced' }]);
  });
});

describe('statusRoutes', () => {
  it('reports every check, and returns 503 from readyz and health when one fails', async () => {
    const health = new Health();
    let redis = OK;
    health.add('redis', () => redis);
    health.add('broken', () => OK);
    const base = await serve({
      routes: statusRoutes({
        service: 'ws',
        release: 'r1',
        incarnation: 'i1',
        startedAt: new Date(0),
        health,
        metrics: createMetrics('ws', 'r1'),
        figures: () => ({ lagMs: 3, symbol: null }),
        statusFields: () => ({ sender: { role: 'armed', fenceEpoch: 2, epoch: 0 } }),
      }),
    });
    expect((await fetch(`${base}/readyz`)).status).toBe(200);
    redis = failed('Disconnected', 'no connection to redis:6379');
    const statusz = await (await fetch(`${base}/statusz`)).json();
    expect(statusz).toMatchObject({
      ready: false,
      figures: { lagMs: 3, symbol: null },
      sender: { role: 'armed', fenceEpoch: 2, epoch: 0 },
      checks: [
        { name: 'redis', ok: false, reason: 'Disconnected' },
        { name: 'broken', ok: true },
      ],
    });
    const answers = await Promise.all(['/readyz', '/health', '/livez'].map(async (path) => await fetch(base + path)));
    expect(answers.map((response) => response.status)).toEqual([503, 503, 200]);
    expect(await answers[1]!.json()).toEqual({
      status: 'unavailable',
      why: ['redis: Disconnected no connection to redis:6379'],
    });
    expect(await (await fetch(`${base}/metrics`)).text()).toContain(
      'tradingstack_build_info{release="r1",service="ws"} 1',
    );
  });

  it('is ready with a check of which only a part fails, and says so', async () => {
    const health = new Health();
    health.add('feed', () => degraded('FeedStale', 'ADA/ETH: no depth'));
    expect(health.ready()).toBe(true);
    const identity = { service: 'ws', release: 'r1', incarnation: 'i1', startedAt: new Date(0) };
    const base = await serve({ routes: statusRoutes({ ...identity, health, metrics: createMetrics('ws', 'r1') }) });
    expect((await fetch(`${base}/readyz`)).status).toBe(200);
    const answer = await fetch(`${base}/health`);
    expect([answer.status, await answer.json()]).toEqual([
      200,
      { status: 'degraded', why: ['feed: FeedStale ADA/ETH: no depth'] },
    ]);
  });

  it('treats a check that throws as failed', () => {
    const health = new Health();
    health.add('odd', () => {
      throw new Error('no state');
    });
    expect(health.results()).toEqual([{ name: 'odd', ok: false, reason: 'CheckThrew', message: 'no state' }]);
  });
});
