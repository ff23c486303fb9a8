import { afterEach, beforeEach, expect, it } from 'vitest';
import { until } from '../harness/until.ts';
import { WiredRisk } from '../harness/wired-risk.ts';
import { parseDecimal } from '../../services/shared/domain/decimal.ts';
import { systemClock } from '../../services/shared/runtime/clock.ts';

let risk: WiredRisk;

beforeEach(async () => {
  risk = await WiredRisk.create();
  await risk.setBalance('XRP', '1000');
});

afterEach(async () => {
  await risk.close();
});

it('trips the daily loss by books of the stream, and requests Reducing', async () => {
  await risk.start({ breakers: { maxDailyLoss: parseDecimal('0.1') } });
  await until(async () => {
    await risk.publishBook('0.0014', '0.0014');
    return (await risk.rowsOf('SELECT FROM risk.equity')).length === 1;
  }, 15_000);
  await until(async () => {
    await risk.publishBook('0.0012', '0.0012');
    return (await risk.rowsOf('SELECT FROM trading.halts')).length === 1;
  }, 15_000);
  expect(await risk.rowsOf(`SELECT breaker, threshold, inputs ->> 'loss' AS loss FROM risk.breakers`)).toEqual([
    { breaker: 'DailyLoss', threshold: '0.1', loss: '0.2' },
  ]);
  expect(await risk.rowsOf('SELECT source, state, author FROM trading.trading_states')).toEqual([
    { source: 'breaker-daily-loss', state: 'Reducing', author: 'risk' },
  ]);
});

it('trips by gaps between the books of the stream', async () => {
  await risk.start({ breakers: { maxFeedGaps: 1 } });
  await until(async () => {
    await risk.publishBook('0.0014', '0.0014');
    await systemClock.sleep(2_200);
    return (await risk.rowsOf('SELECT FROM risk.breakers')).length === 1;
  }, 25_000);
  expect(await risk.rowsOf('SELECT breaker, symbol, left_at FROM risk.breakers')).toEqual([
    { breaker: 'FeedGaps', symbol: 'XRP/ETH', left_at: null },
  ]);
});
