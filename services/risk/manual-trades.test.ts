import { beforeEach, describe, expect, it } from 'vitest';
import { manualTrade } from '../../test/fixtures/manual-trades.ts';
import { riskTestSettings } from '../../test/fixtures/risk-settings.ts';
import { ExitStack, type RiskProcess } from '../../test/harness/exit-stack.ts';
import { formatDecimal, parseDecimal } from '../shared/domain/decimal.ts';
import { FLAT } from '../shared/domain/position.ts';

const d = parseDecimal;
let stack: ExitStack;

beforeEach(() => {
  stack = new ExitStack();
  stack.hold('trend', '50', '0.07');
});

/** Books that a person sold 50 XRP for 0.07 ETH at the venue, as execution does. */
async function bookSale(change: Parameters<typeof manualTrade>[0] = {}): Promise<void> {
  stack.record.manualTrades.push(manualTrade({ price: d('0.0014'), ...change }));
  const { refused } = await stack.record.bookManualTrades({ symbols: new Set(), assets: new Set() }, new Set());
  expect(refused).toEqual([]);
  await stack.compareBalances();
}

const approved = () => stack.record.approvals.map(({ side, quantity }) => `${side} ${formatDecimal(quantity)}`);

/** Delivers signals that want the position no longer, and lets exits end unfilled. */
async function leaving(risk: RiskProcess): Promise<void> {
  await stack.pass(2, risk);
  await stack.signal('Flat', risk);
  for (let second = 0; second < 10; second += 1) {
    stack.execute(0n);
    await stack.pass(1, risk);
  }
  stack.execute(0n);
}

describe('a position that a person sold at the venue', () => {
  it('is not sold again once the trade is booked', async () => {
    const risk = await stack.start();
    await leaving(risk);
    const before = approved();
    expect(before.length).toBeGreaterThan(1);
    expect(new Set(before)).toEqual(new Set(['sell 50']));
    await bookSale();
    await stack.pass(30, risk);
    expect(approved()).toEqual(before);
    expect(risk.exits.exits()?.positions).toEqual([]);
  });

  it('is entered again with the next stance Long', async () => {
    const risk = await stack.start();
    await leaving(risk);
    await bookSale();
    await stack.pass(1, risk);
    await stack.signal('Long', risk);
    expect(approved().at(-1)).toMatch(/^buy/);
  });

  it('is sold in the part that is left', async () => {
    const risk = await stack.start();
    await leaving(risk);
    await bookSale({ quantity: d('20') });
    await stack.pass(30, risk);
    expect(approved().at(-1)).toBe('sell 30');
  });

  it('holds up the end of Flattening no longer, in a pair that was removed either', async () => {
    const removed = 'trend OLD/ETH';
    stack.record.positions.set(removed, { ...FLAT, quantity: d('50') });
    const risk = await stack.start();
    stack.record.restrict('desk', 'Flattening');
    await stack.pass(10, risk);
    stack.execute(0n);
    const problems = risk.exits.flatten()?.problems ?? [];
    expect(problems.map(({ symbol, reason }) => `${symbol} ${reason}`)).toContain('OLD/ETH InstrumentNotKnown');
    await bookSale();
    await stack.pass(5, risk);
    expect(stack.recorded()).toBeUndefined();
    await bookSale({ symbol: 'OLD/ETH' });
    await stack.pass(5, risk);
    expect(stack.recorded()).toBe('Halted risk 1');
  });

  it('moves the equity as a fill does: what was sold is worth what was paid, less the fee', async () => {
    stack.settings = { ...riskTestSettings, breakers: { maxDailyLoss: d('0.1') } };
    const risk = await stack.start();
    await stack.pass(5, risk);
    // 500 XRP at 0.0014005 ETH, the middle of the book, and 1 ETH.
    const equity = () => formatDecimal(stack.risk.breakers.equity?.equity ?? d('0'));
    const baselines = () => {
      const { dayStart, peak, transfers } = stack.risk.breakers.equity!;
      return [formatDecimal(dayStart), formatDecimal(peak), transfers.size];
    };
    expect(equity()).toBe('1.70025');
    await bookSale({ price: d('0.0014005'), fee: d('0.0001') });
    await stack.pass(5, risk);
    expect(equity()).toBe('1.70015');
    expect(baselines()).toEqual(['1.70025', '1.70025', 0]);
    expect(stack.record.feesPaid).toEqual(new Map([['ETH', d('0.0001')]]));
  });

  it('is not sold by its stop either', async () => {
    const [sizing] = stack.settings.sizing;
    stack.settings = { ...stack.settings, sizing: [{ ...sizing!, stops: { stopLossPercent: d('5') } }] };
    const risk = await stack.start();
    const stops = async () => (await stack.risk.readAccount(stack.clock.nowMs())).stops;
    await stack.pass(3, risk);
    expect((await stops()).map(({ strategy }) => strategy)).toEqual(['trend']);
    await bookSale();
    await stack.pass(2, risk);
    for (let second = 0; second < 10; second += 1) {
      stack.quote('0.0010', String(second + 10));
      await stack.clock.advance(1_000);
    }
    expect([approved(), await stops()]).toEqual([[], []]);
  });
});
