import { afterEach, beforeEach, expect, it } from 'vitest';
import { riskTestSettings as settings } from '../fixtures/risk-settings.ts';
import { until } from '../harness/until.ts';
import { WiredRisk } from '../harness/wired-risk.ts';
import { parseDecimal } from '../../services/shared/domain/decimal.ts';

let risk: WiredRisk;

beforeEach(async () => {
  risk = await WiredRisk.create();
});

afterEach(async () => {
  await risk.close();
});

/** Starts a process with a stop loss for strategy trend, which holds 50 XRP, bought at 0.0014. */
async function watching(): Promise<void> {
  await risk.database.pool.query(
    `INSERT INTO trading.positions (stack, strategy, symbol, quantity, cost, realised) VALUES ($1, 'trend', $2, 50, 0.07, 0)`,
    [settings.stack.id, 'XRP/ETH'],
  );
  await risk.setBalance('XRP', '50');
  const stops = { stopLossPercent: parseDecimal('5') };
  await risk.start({ sizing: settings.sizing.map((one) => ({ ...one, stops })) });
  await until(async () => (await risk.rowsOf('SELECT FROM risk.stops')).length === 1, 10_000);
}

/** Publishes a bid below the stop until an order is approved. Returns the approved orders. */
async function sold(): Promise<readonly unknown[]> {
  await until(async () => {
    await risk.publishBook('0.00131', '0.001311');
    return (await risk.rowsOf('SELECT FROM risk.decisions WHERE approved')).length === 1;
  }, 10_000);
  return await risk.rowsOf(
    `SELECT strategy, approved_order ->> 'side' AS side, inputs ->> 'stop' AS stop FROM risk.decisions WHERE approved`,
  );
}

it('sells at a stop that books of the stream reach, and stores why', async () => {
  await watching();
  expect(await sold()).toEqual([{ strategy: 'trend', side: 'sell', stop: 'StopLoss' }]);
  const stops = await risk.rowsOf('SELECT kind, trim_scale(trigger_bid)::text AS bid FROM risk.stops');
  expect(stops).toEqual([{ kind: 'StopLoss', bid: '0.00131' }]);
});

it('sells at the stop of a strategy that was removed from the settings, and names it until then', async () => {
  await watching();
  await risk.stop();
  await risk.start({ sizing: settings.sizing.map((one) => ({ ...one, strategy: 'other' })) });
  await until(async () => {
    await risk.publishBook('0.0014', '0.001401');
    return risk.check('positions').includes('its stop loss at 0.00133 is watched');
  }, 10_000);
  expect(await sold()).toEqual([{ strategy: 'trend', side: 'sell', stop: 'StopLoss' }]);
});
