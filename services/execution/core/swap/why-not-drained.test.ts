import { expect, it } from 'vitest';
import { whyNotDrained, type DrainFacts } from './why-not-drained.ts';

const CLEAN: DrainFacts = {
  reconciled: true,
  inFlight: 0,
  unanswered: [],
  doubtful: [],
  unreadable: [],
  unrecorded: 0,
  resting: 0,
};

it.each<[string, Partial<DrainFacts>, string | undefined]>([
  ['is drained when it knows everything', {}, undefined],
  ['knows nothing of older senders before a reconcile', { reconciled: false }, 'requests of older senders may be'],
  ['waits for an order that is being sent', { inFlight: 1 }, '1 orders are being sent'],
  ['waits for the answer to a commit', { doubtful: ['XRP/ETH', 'XRP/ETH'] }, 'commits are not answered on XRP/ETH'],
  ['waits for outcomes', { unanswered: ['a', 'b', 'c', 'd'] }, 'the venue has not answered for 4 orders: a, b, c'],
  ['does not know the outcome of a row that it cannot read', { unreadable: ['a'] }, '1 orders cannot be read: a'],
  ['waits for cancellations', { resting: 2 }, '2 orders are not cancelled yet'],
  ['waits for the record', { unrecorded: 3 }, '3 observations are not recorded yet'],
])('%s', (_title, facts, why) => {
  const found = whyNotDrained({ ...CLEAN, ...facts });
  if (why === undefined) expect(found).toBeUndefined();
  else expect(found).toContain(why);
});
