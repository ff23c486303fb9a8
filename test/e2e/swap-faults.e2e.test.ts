import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { judgeBooks } from '../chaos/books.ts';
import { BRISK } from '../chaos/brisk-spec.ts';
import { faultNamed } from '../chaos/faults/all-faults.ts';
import type { ChaosStack } from '../chaos/faults/fault.ts';
import { untilRunsAgain } from '../chaos/recovery.ts';
import { deleteNamespace, startOwnStack } from './own-stack.ts';
import { tradingGoesOn } from './trading.ts';

// A short form of `npm run chaos -- --fault swap`.

const { cluster, image, operatorNamespace } = inject('e2e');
const NAMESPACE = 'tradingstack-e2e-swap';
let stack: ChaosStack;

beforeAll(async () => {
  const own = await startOwnStack({ cluster, image, namespace: NAMESPACE, change: BRISK });
  stack = { ...own, cluster, operatorNamespace };
  await tradingGoesOn(stack.kubectl, stack.place);
});
afterAll(async () => {
  if (stack !== undefined) await deleteNamespace(stack.kubectl, NAMESPACE);
});

/** The seconds choose the moment too, as those that a seed has drawn do: see `momentOf` and `directionOf`. */
test.each([
  ['swap-alone', 6],
  ['swap-kill-blue', 6],
  ['swap-freeze-blue', 9],
  ['swap-cut-blue-from-postgres', 5],
])('%s: no order is late, the stack runs, and it trades', async (name, seconds) => {
  const found = await faultNamed(name).strike(stack, { seconds, stop: new AbortController().signal });
  await untilRunsAgain(stack);
  expect(found).toEqual([]);
});

test('after the swaps the books equal the venue, and no order is without an end', async () => {
  const { violations, orders } = await judgeBooks(stack);
  expect(violations).toEqual([]);
  expect(orders).toBeGreaterThan(0);
});
