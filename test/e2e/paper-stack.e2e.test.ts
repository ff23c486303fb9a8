import { expect, inject, test } from 'vitest';
import { createKubectl } from './kubectl.ts';
import { filledOrdersIn, gatherEvidence, soundBooks, venueLog } from './trading.ts';
import { until } from './until.ts';

const { place, kubectlOptions, phases } = inject('e2e');
const kubectl = createKubectl(kubectlOptions);

test('the stack starts tier by tier and reports Progressing until it is Running', () => {
  expect(phases.at(-1)).toMatch(/\bRunning\b/);
  expect(phases.some((line) => line.includes('Progressing'))).toBe(true);
});

test('at least 50 orders are filled from the tape, and our books equal the venue to the last digit', async () => {
  await until(
    '50 filled orders',
    async () => (filledOrdersIn(await venueLog(kubectl, place)) >= 50 ? true : undefined),
    { withinMs: 600_000, everyMs: 2_000 },
  );
  const evidence = await soundBooks(kubectl, place);
  expect(filledOrdersIn(evidence.log)).toBeGreaterThanOrEqual(50);
  expect(evidence.trades.length).toBe(evidence.log.filter((entry) => entry.kind === 'fill').length);
  expect(Object.keys(evidence.ledger).length).toBeGreaterThanOrEqual(2);
});

test('every order at the venue has an intent committed before the venue received it', async () => {
  const evidence = await until(
    'a moment without changes at the venue',
    async () => await gatherEvidence(kubectl, place),
  );
  const intents = new Map(evidence.orders.map((order) => [order.client_order_id, order.intended_ms]));
  const placed = evidence.log.filter((entry) => entry.kind === 'placed');
  expect(placed.length).toBeGreaterThanOrEqual(50);
  for (const entry of placed) {
    expect(intents.get(entry.clientOrderId ?? ''), entry.clientOrderId).toBeLessThanOrEqual(entry.receivedAt ?? 0);
  }
});

test('kubectl get shows every column, and a running stack as Running and NotHalted', async () => {
  const line = await kubectl.run('-n', place.namespace, 'get', 'tradingstack', place.name);
  expect(line).toMatch(/NAME +MODE +PHASE +HALT +READY +ACTIVE +EPOCH +RELEASE +BLOCKED-BY +OBSERVED +AGE/);
  expect(line).toMatch(new RegExp(`${place.name} +Paper +Running +NotHalted`));
});
