import { beforeEach, describe, expect, it } from 'vitest';
import { ExitStack, type RiskProcess } from '../../test/harness/exit-stack.ts';
import { riskTestSettings } from '../../test/fixtures/risk-settings.ts';
import type { StopRules } from '../shared/contracts/services/risk.ts';
import { parseDecimal } from '../shared/domain/decimal.ts';

const d = parseDecimal;
let stack: ExitStack;
let version = 1;

beforeEach(() => {
  stack = new ExitStack();
});

/** Starts a process that knows 50 XRP, bought at 0.0014, and a strategy with stops. */
async function watching(stops: StopRules): Promise<RiskProcess> {
  stack.settings = { ...riskTestSettings, sizing: riskTestSettings.sizing.map((one) => ({ ...one, stops })) };
  stack.hold('trend', '50', '0.07');
  const risk = await stack.start();
  await stack.signal('Long', risk);
  await move('0.0014');
  await move('0.0014');
  return risk;
}

/** The market moves to a bid; a moment passes. */
async function move(bid: string): Promise<void> {
  version += 1;
  stack.quote(bid, String(version));
  await stack.clock.advance(20);
}

const exits = () => stack.record.approvals.map(({ side, decisionId }) => `${side} ${decisionId.slice(0, 4)}`);
const loss = { stopLossPercent: d('5') };

describe('a stop loss', () => {
  it('sells between bars and between passes, as soon as a second bid confirms the first', async () => {
    const risk = await watching(loss);
    await move('0.00133');
    expect(exits()).toEqual([]);
    await move('0.00132');
    expect(exits()).toEqual(['sell exit']);
    expect(stack.decisions.at(-1)).toMatchObject({
      code: 'Approved',
      inputs: { stop: 'StopLoss', stopLevel: '0.00133', stopBid: '0.00133', stopEntryPrice: '0.0014' },
    });
    expect(risk.exits.exits()?.positions).toMatchObject([{ cause: 'Stop', stop: 'StopLoss' }]);
  });

  it('ignores one bad print, however often it is repeated', async () => {
    const risk = await watching(loss);
    await move('0.0001');
    stack.quote('0.0001', String(version));
    await move('0.0014');
    await stack.pass(10, risk);
    expect(exits()).toEqual([]);
  });

  it('counts the same book when the venue confirms it a second later', async () => {
    await watching(loss);
    await move('0.00133');
    await stack.clock.advance(1_000);
    stack.quote('0.00133', String(version));
    await stack.clock.advance(20);
    expect(exits()).toEqual(['sell exit']);
  });

  it('counts although the price recovers before the account can be read', async () => {
    const risk = await watching(loss);
    stack.down = true;
    for (const bid of ['0.00133', '0.00132', '0.0014', '0.0014']) await move(bid);
    await stack.clock.advance(3_000);
    stack.down = false;
    await stack.pass(2, risk);
    expect(exits()).toEqual(['sell exit']);
  });

  it('is worked until nothing is left, through a restart and while the price is back', async () => {
    await watching(loss);
    for (const bid of ['0.00133', '0.00132']) await move(bid);
    stack.execute(50n);
    await stack.stop();
    await stack.clock.advance(600_000);
    const after = await stack.start();
    await stack.pass(2, after);
    expect(after.exits.exits()?.positions).toMatchObject([
      { cause: 'Stop', stop: 'StopLoss', since: expect.stringMatching(/^2026-01-01T00:00:00/) },
    ]);
    stack.execute();
    expect([exits().length, stack.held()]).toEqual([2, '0']);
  });

  it('does not stop its work when the strategy stays long, and is not bought again until it changes', async () => {
    const risk = await watching(loss);
    for (const bid of ['0.00133', '0.00132']) await move(bid);
    stack.execute();
    const began = stack.clock.nowMs() - 200;
    await stack.signal('Long', risk, 0, began);
    expect(exits()).toEqual(['sell exit']);
    await stack.clock.advance(1_000);
    await stack.signal('Flat', risk);
    await stack.clock.advance(1_000);
    stack.quote();
    await stack.signal('Long', risk);
    expect(exits()).toEqual(['sell exit', 'buy tren']);
    stack.execute();
    await stack.pass(3, risk);
    expect(risk.exits.exits()?.positions).toEqual([]);
    for (const bid of ['0.00132', '0.00131']) await move(bid);
    expect(exits()).toHaveLength(3);
  });

  it('is not judged by an old book, and says so', async () => {
    const risk = await watching(loss);
    await stack.clock.advance(4_000);
    expect(risk.exits.figures()).toMatchObject({
      unjudgedStops: 1,
      unjudgedStop: expect.stringMatching(/^trend XRP\/ETH: FeedStale - the order book is \d+ ms old/),
    });
    expect(await risk.metrics.metrics()).toContain('tradingstack_risk_unjudged_stops 1');
    expect(stack.logged.map(({ msg }) => msg)).toContain('stop cannot be judged');
    await move('0.00133');
    expect(exits()).toEqual([]);
    await move('0.00133');
    expect(exits()).toEqual(['sell exit']);
  });

  it('waits while halted, and follows when the halt is lifted', async () => {
    const risk = await watching(loss);
    stack.record.restrict('desk', 'Halted');
    await stack.pass(1, risk, false);
    for (const bid of ['0.00133', '0.00132']) await move(bid);
    expect(exits()).toEqual([]);
    stack.record.restrict('desk', 'Active');
    await stack.pass(2, risk);
    expect(exits()).toEqual(['sell exit']);
  });

  it.each(['first', 'last'] as const)('sells once when the exit of the strategy comes %s', async (when) => {
    const risk = await watching(loss);
    await stack.clock.advance(900);
    await move('0.00133');
    if (when === 'first') await stack.signal('Flat', risk);
    await move('0.00132');
    if (when === 'last') await stack.signal('Flat', risk);
    await stack.pass(2, risk);
    expect(exits()).toEqual([when === 'first' ? 'sell tren' : 'sell exit']);
    stack.execute(20n);
    await stack.pass(2, risk);
    expect(exits()).toHaveLength(2);
    stack.execute();
    await stack.pass(3, risk);
    expect([exits().length, stack.held()]).toEqual([2, '0']);
  });

  it('that cannot be stored holds up no other exit, and follows when it can', async () => {
    const risk = await watching(loss);
    stack.hold('other', '50', '0.07');
    stack.stopLocked = true;
    for (const bid of ['0.00133', '0.00132']) await move(bid);
    expect(exits()).toEqual([]);
    expect(risk.exits.figures()['unjudgedStop']).toContain('StopNotStored - canceling statement');
    stack.record.restrict('desk', 'Flattening');
    await stack.pass(2, risk);
    expect(stack.record.approvals.map(({ strategy }) => strategy).toSorted()).toEqual(['other', 'trend']);
    stack.record.restrict('desk', 'Active');
    stack.execute(0n);
    stack.stopLocked = false;
    await stack.pass(5, risk);
    expect(risk.exits.exits()?.positions).toMatchObject([{ strategy: 'trend', cause: 'Stop' }]);
  });

  it('is triggered once by two processes of a rolling update', async () => {
    await watching(loss);
    const second = await stack.start();
    await stack.pass(1, second);
    for (const bid of ['0.00133', '0.00132']) await move(bid);
    await stack.clock.advance(3_000);
    expect(exits()).toEqual(['sell exit']);
    expect(stack.logged.filter(({ msg }) => msg === 'stop triggered')).toHaveLength(1);
  });
});

describe('a trailing stop', () => {
  const trail = { trailingStopPercent: d('5') };

  it('follows the highest confirmed price, and not a bad print above it', async () => {
    await watching(trail);
    for (const bid of ['0.0016', '0.0016', '0.9', '0.0016', '0.00153', '0.00153']) await move(bid);
    expect(exits()).toEqual([]);
    for (const bid of ['0.00152', '0.00151']) await move(bid);
    expect(exits()).toEqual(['sell exit']);
    expect(stack.decisions.at(-1)?.inputs).toMatchObject({ stop: 'TrailingStop', stopHighPrice: '0.0016' });
  });

  it('keeps the highest price through a restart, and writes it at most every five seconds', async () => {
    const risk = await watching(trail);
    const before = stack.raises;
    for (let tick = 0; tick < 500; tick += 1) await move((0.0015 + tick / 1e7).toFixed(7));
    expect(stack.raises - before).toBeLessThanOrEqual(3);
    await stack.pass(0, risk);
    await stack.clock.advance(6_000);
    await stack.stop();
    await stack.start();
    await move('0.0014');
    await stack.clock.advance(1_100);
    for (const bid of ['0.00147', '0.00147']) await move(bid);
    await stack.clock.advance(1_100);
    expect(stack.decisions.at(-1)?.inputs).toMatchObject({ stop: 'TrailingStop', stopHighPrice: '0.0015498' });
  });

  it('does not use the highest price of an earlier position', async () => {
    const risk = await watching(trail);
    for (let second = 0; second < 8; second += 1) {
      await move('0.0020');
      await stack.clock.advance(1_000);
    }
    expect(stack.raises).toBeGreaterThan(0);
    await stack.signal('Flat', risk);
    stack.execute();
    await stack.pass(2, risk);
    stack.hold('trend', '50', '0.07');
    await stack.signal('Long', risk);
    await stack.pass(3, risk);
    expect(exits()).toEqual(['sell tren']);
  });
});

it('takes a profit', async () => {
  await watching({ takeProfitPercent: d('5') });
  for (const bid of ['0.00147', '0.00146']) await move(bid);
  expect(exits()).toEqual([]);
  for (const bid of ['0.00147', '0.00148']) await move(bid);
  expect(exits()).toEqual(['sell exit']);
});

it('ends the longest holding time without a price, counts a restart in, and sells when a book is there', async () => {
  await watching({ maxHoldingSeconds: 60 });
  await stack.clock.advance(30_000);
  await stack.stop();
  const risk = await stack.start();
  await stack.clock.advance(29_000);
  expect(risk.exits.exits()?.positions).toEqual([]);
  await stack.clock.advance(2_000);
  expect(risk.exits.exits()?.positions).toMatchObject([{ cause: 'Stop', stop: 'MaxHolding', reason: 'FeedStale' }]);
  expect(exits()).toEqual([]);
  await stack.pass(1, risk);
  expect(exits()).toEqual(['sell exit']);
});

it('watches nothing for a strategy without stops', async () => {
  stack.hold('trend', '50', '0.07');
  const risk = await stack.start();
  await stack.signal('Long', risk);
  for (const bid of ['0.0001', '0.0001']) await move(bid);
  await stack.pass(3, risk);
  expect([exits(), risk.exits.figures()['unjudgedStops']]).toEqual([[], 0]);
});

describe('a strategy that was removed', () => {
  const sizing = riskTestSettings.sizing.map((one) => ({ ...one, strategy: 'other' }));

  /** Ends the process that knows the strategy, and starts one that does not. */
  async function restartWithout(): Promise<RiskProcess> {
    await stack.stop();
    stack.settings = { ...stack.settings, sizing };
    return await stack.start();
  }

  it('has its position sold by the stop loss between bars, until nothing is left', async () => {
    await watching(loss);
    const risk = await restartWithout();
    await move('0.0014');
    await move('0.00133');
    expect(exits()).toEqual([]);
    await move('0.00132');
    expect(exits()).toEqual(['sell exit']);
    expect(stack.decisions.at(-1)).toMatchObject({
      code: 'Approved',
      order: { strategy: 'trend', side: 'sell' },
      inputs: { stop: 'StopLoss', stopLevel: '0.00133', stopBid: '0.00133' },
    });
    stack.execute(50n);
    await stack.pass(5, risk);
    expect(risk.exits.exits()?.positions).toMatchObject([{ strategy: 'trend', cause: 'Stop', stop: 'StopLoss' }]);
    stack.execute();
    await stack.pass(3, risk);
    expect([exits().length, stack.held(), risk.exits.exits()?.positions]).toEqual([2, '0', []]);
  });

  it('has its trailing stop follow the highest price, from before the restart and after it', async () => {
    await watching({ trailingStopPercent: d('5') });
    for (const bid of ['0.0016', '0.0016']) await move(bid);
    await stack.clock.advance(6_000);
    await restartWithout();
    for (const bid of ['0.00153', '0.00153']) await move(bid);
    expect(exits()).toEqual([]);
    for (const bid of ['0.0018', '0.0018']) await move(bid);
    await stack.clock.advance(6_000);
    await restartWithout();
    for (const bid of ['0.0017', '0.0017']) await move(bid);
    expect(stack.decisions.at(-1)?.inputs).toMatchObject({ stop: 'TrailingStop', stopHighPrice: '0.0018' });
    expect(exits()).toEqual(['sell exit']);
  });

  it('has its longest holding time count from when the position was first seen', async () => {
    await watching({ maxHoldingSeconds: 60 });
    await stack.clock.advance(30_000);
    const risk = await restartWithout();
    await stack.pass(29, risk);
    expect(exits()).toEqual([]);
    await stack.pass(2, risk);
    expect(exits()).toEqual(['sell exit']);
  });

  it('is watched by the stops that it had until it is configured again, and then by those of the spec', async () => {
    await watching(loss);
    await restartWithout();
    await stack.stop();
    const stops = { stopLossPercent: d('20') };
    stack.settings = { ...riskTestSettings, sizing: riskTestSettings.sizing.map((one) => ({ ...one, stops })) };
    const risk = await stack.start();
    await stack.pass(1, risk);
    for (const bid of ['0.0013', '0.0013']) await move(bid);
    expect(exits()).toEqual([]);
    for (const bid of ['0.0011', '0.0011']) await move(bid);
    expect(exits()).toEqual(['sell exit']);
  });
});
