import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createVirtualStack, type VirtualStack } from '../../../test/harness/virtual-stack.ts';
import { ONE, ZERO } from '../../shared/domain/decimal.ts';
import type { Fill } from '../../shared/domain/orders/fill.ts';

const HOUR_MS = 3_600_000;
let stack: VirtualStack;

beforeEach(() => {
  stack = createVirtualStack();
});

afterEach(() => stack.kill());

/** So many fills of somebody else within ten hours, read by nobody. */
function missed(count: number, symbol = 'XRP/ETH'): void {
  const { clock, venue, record } = stack;
  const beganMs = clock.nowMs() - 10 * HOUR_MS;
  for (let index = 0; index < count; index += 1) {
    const ids = { venueTradeId: `${symbol}${index}`, venueOrderId: `${symbol}V${index}`, clientOrderId: '', symbol };
    const time = beganMs + Math.floor((index * 10 * HOUR_MS) / count);
    const fill: Fill = {
      ...ids,
      side: 'buy',
      price: ONE,
      quantity: ONE,
      fee: ZERO,
      feeAsset: 'ETH',
      maker: false,
      time,
    };
    venue.traded.push(fill);
  }
  record.fillsReadTo.set(symbol, beganMs);
}

it('a pair takes exits while its fills are read, and entries when they are read to the end, soon', async () => {
  missed(25_000);
  const registry = new Registry();
  const { clock } = stack;
  const execution = await stack.active({ registry, settings: { reconcileIntervalMs: 600_000 } });
  expect(execution.sender()).toMatchObject({ role: 'active', obstacle: { reason: 'NotReconciled' } });
  expect(execution.sender().obstacle?.message).toMatch(/XRP\/ETH: fills: read up to \d{4}-.*, the next run continues/);
  const exit = stack.approve('exit', { side: 'sell' });
  void execution.onApproval(exit.decisionId);
  const entry = stack.approve('entry', { deadline: clock.nowMs() + 600_000 });
  void execution.onApproval(entry.decisionId);
  await clock.advance(20_000);
  expect([stack.stateOf(exit)?.kind, stack.stateOf(entry)?.kind]).toEqual(['Filled', undefined]);
  for (let waited = 0; stack.stateOf(entry) === undefined && waited < 500_000; waited += 10_000)
    await clock.advance(10_000);
  expect(stack.stateOf(entry)?.kind).toBe('Filled');
  expect(execution.checks.get('reconcile')?.().ok).toBe(true);
  const found = await registry.getSingleMetric('tradingstack_execution_findings_total')?.get();
  expect(found?.values).toEqual([expect.objectContaining({ labels: { kind: 'ForeignFill' }, value: 25_000 })]);
}, 60_000);

it('a pair with many missed fills keeps no other from being compared and traded', async () => {
  missed(10_000);
  const { clock, venue } = stack;
  const execution = await stack.active({
    settings: { symbols: ['XRP/ETH', 'ADA/ETH'], reconcileIntervalMs: 5_000 },
    at: {
      fills: async (symbol, range) => {
        const reply = await venue.fills(symbol, range);
        return symbol === 'XRP/ETH' ? reply : { kind: 'ok', value: { fills: [], unread: [], complete: true } };
      },
    },
  });
  const entry = stack.approve('entry', { symbol: 'ADA/ETH' });
  void execution.onApproval(entry.decisionId);
  await clock.advance(8_000);
  expect(stack.stateOf(entry)?.kind).toBe('Filled');
  expect(execution.sender().obstacle?.message).toContain('XRP/ETH');
});

it('a pair that was compared before is read to the end soon too, whatever the interval', async () => {
  const registry = new Registry();
  const { clock } = stack;
  const execution = await stack.active({ registry, settings: { reconcileIntervalMs: 600_000 } });
  expect(execution.sender().obstacle).toBeNull();
  missed(5_000);
  execution.streamEvents.onConnected();
  await clock.advance(90_000);
  expect(execution.figures()).not.toHaveProperty('reconcileAgeMs.XRP/ETH');
  const found = await registry.getSingleMetric('tradingstack_execution_findings_total')?.get();
  expect(found?.values).toMatchObject([{ labels: { kind: 'ForeignFill' }, value: 5_000 }]);
});
