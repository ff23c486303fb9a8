import { expect, it } from 'vitest';
import { systemClock } from '../../runtime/clock.ts';
import { createLogger } from '../../runtime/logger.ts';
import { createProducerClient, closeClient } from '../client.ts';
import { createTrimmers } from './trim.ts';

const log = createLogger({ name: 'trim', level: 'silent' });
const UNUSED = { host: '127.0.0.1', port: 1, username: 'u', password: 'p', name: 'trim', stack: 'demo-0a1b2c3d' };

it('trims the streams that the row of the service names, and no other', async () => {
  const client = createProducerClient({ ...UNUSED, log });
  const names = (service: 'db-writer' | 'execution' | 'risk') =>
    createTrimmers(service, { client, clock: systemClock, log }).map(({ name }) => name);
  expect([names('execution'), names('db-writer'), names('risk')]).toEqual([
    ['trim orders.approved'],
    ['trim signals'],
    [],
  ]);
  await closeClient(client);
});
