import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startFaultProxy, type FaultProxy } from '../../../test/faults/fault-proxy.ts';
import { startPrivateRedis } from '../../../test/harness/stores/private-redis.ts';
import { createTestRedis, type TestRedis } from '../../../test/harness/stores/test-redis.ts';
import { until } from '../../../test/harness/until.ts';
import { createLogger } from '../runtime/logger.ts';
import { closeClient, createProducerClient, redisCheck, type RedisClient } from './client.ts';
import { createPublisher, type PublishResult } from './publisher.ts';

const log = createLogger({ name: 'test', level: 'silent' });
let test: TestRedis;
let proxy: FaultProxy;
let client: RedisClient;

beforeAll(async () => {
  test = await createTestRedis();
  proxy = await startFaultProxy(test.options);
  client = createProducerClient({ ...test.options, host: '127.0.0.1', port: proxy.port, name: 'test', log });
  await until(() => client.status === 'ready');
});
afterEach(() => proxy.pass());
afterAll(async () => {
  await closeClient(client);
  await proxy.close();
  await test.close();
});

describe('publisher', () => {
  it('appends the payload as JSON and trims to about the maximum length', async () => {
    const publisher = createPublisher(client);
    const entries = Array.from({ length: 500 }, (_, n) => ({ stream: 'fan', payload: { n }, maxLength: 100 }));
    const results = await publisher.publishAll(entries);
    expect(new Set(results.map(({ kind }) => kind))).toEqual(new Set(['ok']));
    const [newest] = await test.redis.xrevrange('fan', '+', '-', 'COUNT', 1);
    expect(newest?.[1]).toEqual(['data', '{"n":499}']);
    expect(await test.redis.xlen('fan')).toBeLessThan(300);
  });

  it('reports a lost reply as unknown and never resends', async () => {
    const publisher = createPublisher(client);
    const rounds = 20;
    for (let round = 0; round < rounds; round += 1) {
      await until(() => client.status === 'ready');
      proxy.loseReplies();
      expect(await publisher.publish('work', { round })).toMatchObject({ kind: 'unknown' });
      proxy.pass();
    }
    await until(() => client.status === 'ready');
    expect(await publisher.publish('work', { round: rounds })).toMatchObject({ kind: 'ok' });
    const entries = await test.redis.xrange('work', '-', '+');
    expect(entries.map(([, fields]) => fields[1])).toEqual(
      Array.from({ length: rounds + 1 }, (_, round) => `{"round":${round}}`),
    );
  });

  it('reports a repetition with an explicit ID as duplicate, and an ID below the last one as refused', async () => {
    const publisher = createPublisher(client);
    proxy.loseReplies();
    expect(await publisher.publish('ids', { n: 1 }, { id: '5-1' })).toMatchObject({ kind: 'unknown' });
    proxy.pass();
    await until(() => client.status === 'ready');
    expect(await publisher.publish('ids', { n: 1 }, { id: '5-1' })).toEqual({ kind: 'duplicate', id: '5-1' });
    expect(await publisher.publish('ids', { n: 0 }, { id: '4-1' })).toMatchObject({
      kind: 'refused',
      reason: 'IdNotAbove',
    });
    expect(await test.redis.xlen('ids')).toBe(1);
  });

  it('fails at once while disconnected, and so does the check', async () => {
    proxy.blackhole();
    proxy.cut();
    await until(() => client.status !== 'ready');
    const result = await createPublisher(client).publish('work', {});
    expect(result).toMatchObject({ kind: 'refused', reason: 'Disconnected' });
    const { host = '', port = 0 } = client.options;
    const message = expect.stringContaining(`no connection to Redis at ${host}:${port} (spec.redis): `) as string;
    expect(redisCheck(client)()).toMatchObject({ ok: false, reason: 'Disconnected', message });
    proxy.pass();
    proxy.cut();
    await until(() => client.status === 'ready');
    expect(redisCheck(client)().ok).toBe(true);
  });

  it('detects a dead connection that was never closed', async () => {
    proxy.blackhole();
    const result = createPublisher(client).publish('work', {});
    expect(await result).toMatchObject({ kind: 'unknown' });
  });
});

describe('publisher on a full or restricted server', () => {
  it('reports why the server refused an entry', async () => {
    const server = await startPrivateRedis();
    const admin = createProducerClient({ ...server.options, name: 'admin', log });
    await until(() => admin.status === 'ready');
    await admin.call('ACL', 'SETUSER', 'ws', 'on', '>pw', '%W~*:md.*', '+xadd', '+info', '+client|setname', '+ping');
    const ws = createProducerClient({ ...server.options, username: 'ws', password: 'pw', name: 'ws', log });
    await until(() => ws.status === 'ready');
    const results: PublishResult[] = [];
    results.push(
      await createPublisher(ws).publish('md.trades.A-B', {}),
      await createPublisher(ws).publish('signals', {}),
    );
    await admin.config('SET', 'maxmemory', '1');
    results.push(await createPublisher(ws).publish('md.trades.A-B', {}));
    expect(results).toMatchObject([
      { kind: 'ok' },
      { kind: 'refused', reason: 'Denied' },
      { kind: 'refused', reason: 'Full' },
    ]);
    await Promise.all([closeClient(ws), closeClient(admin)]);
    await server.stop();
  });
});
