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

/** Strategy trend holds 50 XRP, bought at 0.0014. */
async function hold(): Promise<void> {
  await risk.database.pool.query(
    `INSERT INTO trading.positions (stack, strategy, symbol, quantity, cost, realised) VALUES ($1, 'trend', $2, 50, 0.07, 0)`,
    [settings.stack.id, 'XRP/ETH'],
  );
  await risk.setBalance('XRP', '50');
}

it('sells at a stop that books of the stream reach, and stores why', async () => {
  await hold();
  const stops = { stopLossPercent: parseDecimal('5') };
  await risk.start({ sizing: settings.sizing.map((one) => ({ ...one, stops })) });
  await until(async () => (await risk.rowsOf('SELECT FROM risk.stops')).length === 1, 10_000);
  await until(async () => {
    await risk.publishBook('0.00131', '0.001311');
    return (await risk.rowsOf('SELECT FROM risk.decisions WHERE approved')).length === 1;
  }, 10_000);
  expect(await risk.rowsOf('SELECT kind, trim_scale(trigger_bid)::text AS bid FROM risk.stops')).toEqual([
    { kind: 'StopLoss', bid: '0.00131' },
  ]);
  expect(
    await risk.rowsOf(
      `SELECT approved_order ->> 'side' AS side, inputs ->> 'stop' AS stop FROM risk.decisions WHERE approved`,
    ),
  ).toEqual([{ side: 'sell', stop: 'StopLoss' }]);
});

it('sells at the stop of a strategy that was removed from the settings, and names it until then', async () => {
  await hold();
  const stops = { stopLossPercent: parseDecimal('5') };
  await risk.start({ sizing: settings.sizing.map((one) => ({ ...one, stops })) });
  await until(async () => (await risk.rowsOf('SELECT FROM risk.stops')).length === 1, 10_000);
  await risk.stop();
  await risk.start({ sizing: settings.sizing.map((one) => ({ ...one, strategy: 'other' })) });
  await until(async () => {
    await risk.publishBook('0.0014', '0.001401');
    return risk.check('positions').includes('its stop loss at 0.00133 is watched');
  }, 10_000);
  expect(risk.check('positions')).toMatch(/^PositionAbandoned: trend XRP\/ETH: 50 are held/);
  await until(async () => {
    await risk.publishBook('0.00131', '0.001311');
    return (await risk.rowsOf('SELECT FROM risk.decisions WHERE approved')).length === 1;
  }, 10_000);
  expect(
    await risk.rowsOf(
      `SELECT strategy, approved_order ->> 'side' AS side, inputs ->> 'stop' AS stop FROM risk.decisions WHERE approved`,
    ),
  ).toEqual([{ strategy: 'trend', side: 'sell', stop: 'StopLoss' }]);
});
