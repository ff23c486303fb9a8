import { expect, it } from 'vitest';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import { SentOrders } from './sent-orders.ts';

const HOUR_MS = 3_600_000;

it('remembers for hours when an order was sent', async () => {
  const clock = virtualClock();
  const sent = new SentOrders(clock);
  await clock.advance(1_000);
  sent.add('a');
  await clock.advance(6 * HOUR_MS);
  sent.add('b');
  expect([sent.sentAtMs('a'), sent.sentAtMs('b'), sent.sentAtMs('c')]).toEqual([1_000, 1_000 + 6 * HOUR_MS, undefined]);
  await clock.advance(1);
  sent.add('d');
  expect([sent.sentAtMs('a'), sent.sentAtMs('b')]).toEqual([undefined, 1_000 + 6 * HOUR_MS]);
});

it('forgets the oldest orders when there are too many', () => {
  const sent = new SentOrders(virtualClock());
  for (let index = 0; index <= 100_000; index += 1) sent.add(`o${index}`);
  expect([sent.sentAtMs('o0'), sent.sentAtMs('o1'), sent.sentAtMs('o100000')]).toEqual([undefined, 0, 0]);
});
