import { afterEach, expect, test } from 'vitest';
import { VirtualWs } from '../../../test/harness/virtual-ws.ts';

const BOTH = ['XRP/ETH', 'ADA/ETH'];
let ws: VirtualWs;

afterEach(async () => {
  await ws.stop();
});

test('subscribes to every pair by a request of its own', async () => {
  ws = new VirtualWs({ symbols: BOTH });
  const requests: number[] = [];
  const connect = ws.venue.connect.bind(ws.venue);
  ws.venue.connect = (listener) => {
    const connection = connect(listener);
    const subscribe = connection.subscribe.bind(connection);
    return {
      ...connection,
      subscribe: (streams) => {
        requests.push(streams.length);
        subscribe(streams);
      },
    };
  };
  await ws.clock.advance(100);
  expect(requests).toEqual([2, 2]);
});

test('is degraded while one of two connections is lost', async () => {
  ws = new VirtualWs({ symbols: BOTH, limits: { streamsPerConnection: 2 } });
  await ws.upWithBook(...BOTH);
  ws.venue.down = true;
  ws.venue.cut(1);
  await ws.keepBusy(1_000);
  expect(ws.service.checkConnection()).toMatchObject({ ok: true, reason: 'VenueDisconnected' });
  expect(ws.service.checkConnection().message).toContain('1 of 2 connections');
  ws.venue.cut();
  expect(ws.service.checkConnection()).toMatchObject({ ok: false, reason: 'VenueDisconnected' });
});
