import { beforeEach, describe, expect, it } from 'vitest';
import { ExitStack, SYMBOL, type RiskProcess } from '../../../test/harness/exit-stack.ts';
import { healthyVenue } from '../../../test/fixtures/breakers.ts';
import { unreadRow } from '../../../test/fixtures/risk-state.ts';
import { riskTestSettings } from '../../../test/fixtures/risk-settings.ts';
import { formatDecimal, parseDecimal } from '../../shared/domain/decimal.ts';
import type { VenueHealth } from '../../shared/domain/venue-health.ts';
import type { BreakerRules } from '../core/breakers/account-breaches.ts';

const d = parseDecimal;
const MIDNIGHT_MS = 1_767_225_600_000;
const DAY_MS = 86_400_000;
const MINUTE = 60;
let stack: ExitStack;

beforeEach(() => {
  stack = new ExitStack();
  stack.clock.setNow(MIDNIGHT_MS + 10 * 3_600_000);
});

/** Starts a process with breakers. The account has 1 ETH and 500 XRP: 1.70025 ETH at a bid of 0.0014. */
async function start(breakers: BreakerRules): Promise<RiskProcess> {
  stack.settings = { ...riskTestSettings, breakers };
  return await stack.start();
}

/** Lets seconds pass at a bid, with a new book each second. */
async function at(bid: string, seconds: number, risk: RiskProcess): Promise<void> {
  await stack.trade(seconds, risk, { [SYMBOL]: bid });
}

const row = () => stack.risk.breakers.equity;
const tripped = () => stack.risk.breakers.tripped.map(({ breaker }) => breaker);

describe('the daily loss', () => {
  const LOSS = { maxDailyLoss: d('0.1') };

  it('stops entries, lets exits run, and leaves on the next UTC day', async () => {
    stack.hold('trend', '50', '0.07');
    const risk = await start(LOSS);
    await at('0.0014', 5, risk);
    expect(formatDecimal(row()?.dayStart ?? d('0'))).toBe('1.70025');
    await at('0.0012', 5, risk);
    expect(tripped()).toEqual(['DailyLoss']);
    expect(stack.recorded('breaker-daily-loss')).toMatch(/^Reducing risk/);
    expect(risk.states.state).toBe('Reducing');
    expect(risk.breakers.status()).toMatchObject({
      currency: 'ETH',
      equity: '1.60025',
      dayProfit: '-0.1',
      tripped: [{ breaker: 'DailyLoss', message: expect.stringMatching(/is 0\.1 ETH, risk.maxDailyLoss is 0\.1$/) }],
    });
    expect(risk.breakers.figures()).toMatchObject({
      trippedBreakers: 1,
      'dayProfit.ETH': '-0.1',
      'equity.ETH': '1.60025',
    });
    await stack.signal('Flat', risk);
    expect(stack.record.approvals.map(({ side }) => side)).toEqual(['sell']);
    stack.execute();
    await at('0.0014', 5, risk);
    expect(await stack.enter(risk)).toBe('DailyLoss');

    stack.clock.setNow(MIDNIGHT_MS + DAY_MS - 3_000);
    await stack.compareBalances();
    await at('0.0012', 2, risk);
    expect(tripped()).toEqual(['DailyLoss']);
    await at('0.0012', 3, risk);
    expect(tripped()).toEqual([]);
    expect(stack.recorded('breaker-daily-loss')).toMatch(/^Active risk/);
    expect(formatDecimal(row()?.dayStart ?? d('0'))).toBe('1.60025');
    await at('0.0014', 2, risk);
    expect(await stack.enter(risk)).toBe('Approved');
  });

  it('is stopped by the decision itself, before a look of the clock', async () => {
    const risk = await start(LOSS);
    await at('0.0014', 5, risk);
    stack.quote('0.0012', '9001');
    expect(await stack.enter(risk)).toBe('DailyLoss');
    expect(tripped()).toEqual([]);
  });

  it('does not trip by one bad book, however often it is looked at', async () => {
    const risk = await start(LOSS);
    await at('0.0014', 5, risk);
    stack.quote('0.0001', '9002');
    // Two looks at the same book.
    await stack.clock.advance(2_000);
    await at('0.0014', 5, risk);
    expect(tripped()).toEqual([]);
    expect(await stack.enter(risk)).toBe('Approved');
  });

  it('counts from the equity before a restart', async () => {
    const first = await start(LOSS);
    await at('0.0014', 5, first);
    await stack.stop();
    const second = await start(LOSS);
    await at('0.0012', 5, second);
    expect(tripped()).toEqual(['DailyLoss']);
  });

  it('does not count a withdrawal that a person booked, and counts a loss beside it', async () => {
    const risk = await start(LOSS);
    await at('0.0014', 5, risk);
    stack.record.transfers.push({ id: '1', asset: 'ETH', amount: d('-0.5'), author: 'ada', reason: 'rent' });
    await stack.record.bookTransfers(new Set(['ETH', 'XRP']));
    await at('0.0014', 5, risk);
    expect([tripped(), await stack.enter(risk)]).toEqual([[], 'Approved']);
    expect(risk.breakers.status()).toMatchObject({ equity: '1.20025', dayProfit: '0' });
    await at('0.0012', 5, risk);
    expect(tripped()).toEqual(['DailyLoss']);
  });

  it('permits no entry and trips nothing while the equity is unknown', async () => {
    const risk = await start(LOSS);
    await at('0.0014', 5, risk);
    stack.clock.setNow(stack.clock.nowMs() + 700_000);
    await at('0.0001', 5, risk);
    expect([tripped(), await stack.enter(risk)]).toEqual([[], 'EquityUnknown']);
  });

  it('is asked for again when a person lifts its source', async () => {
    const risk = await start(LOSS);
    await at('0.0014', 5, risk);
    await at('0.0012', 5, risk);
    stack.record.restrict('breaker-daily-loss', 'Active');
    await at('0.0012', 3, risk);
    expect(stack.recorded('breaker-daily-loss')).toMatch(/^Reducing risk/);
  });

  it('trips once for two processes, and both report it', async () => {
    const risks = [await start(LOSS), await start(LOSS)] as const;
    await at('0.0014', 5, risks[0]);
    await at('0.0012', 5, risks[0]);
    expect(stack.logged.filter(({ msg }) => msg === 'breaker tripped')).toHaveLength(1);
    for (const { breakers } of risks) expect(breakers.figures()).toMatchObject({ trippedBreakers: 1 });
  });
});

describe('the drawdown', () => {
  const DRAWDOWN = { maxDrawdownPercent: d('10') };
  const RESET = { id: '1', author: 'ada', reason: 'reviewed' };

  /** From 1.95025 ETH to 1.70025, 12.8 % less. */
  async function drawn(rules: BreakerRules = DRAWDOWN): Promise<RiskProcess> {
    const risk = await start(rules);
    await at('0.0019', 5, risk);
    await at('0.0014', 5, risk);
    return risk;
  }

  it('counts from the peak, survives a restart and the next day, and leaves for a person', async () => {
    const first = await drawn();
    expect(tripped()).toEqual(['Drawdown']);
    expect(first.states.state).toBe('Reducing');
    await stack.stop();
    stack.clock.setNow(stack.clock.nowMs() + DAY_MS);
    await stack.compareBalances();
    const second = await start(DRAWDOWN);
    await at('0.0019', 8, second);
    expect(tripped()).toEqual(['Drawdown']);
    expect(stack.recorded('breaker-drawdown')).toMatch(/^Reducing risk/);
    expect(await stack.enter(second)).toBe('Drawdown');
    await at('0.0014', 5, second);
    stack.risk.breakers.resets = [RESET];
    await at('0.0014', 3, second);
    expect([tripped(), stack.risk.breakers.resets]).toEqual([[], []]);
    expect(stack.recorded('breaker-drawdown')).toMatch(/^Active risk/);
    expect(formatDecimal(row()?.peak ?? d('0'))).toBe('1.70025');
    expect(await stack.enter(second)).toBe('Approved');
    expect(stack.logged.some(({ msg }) => msg === 'drawdown reset by a person')).toBe(true);
  });

  it('leaves and trips nothing by an equity that another process has replaced', async () => {
    const risk = await drawn();
    stack.equityOutrun = true;
    stack.risk.breakers.resets = [RESET];
    await at('0.0014', 3, risk);
    expect([tripped(), stack.risk.breakers.resets]).toEqual([['Drawdown'], [RESET]]);
    stack.equityOutrun = false;
    await at('0.0014', 3, risk);
    expect([tripped(), stack.risk.breakers.resets]).toEqual([[], []]);
  });

  it('halts if the settings say so', async () => {
    const risk = await drawn({ ...DRAWDOWN, onDrawdown: 'Halted' });
    expect(risk.states.state).toBe('Halted');
    expect(stack.recorded('breaker-drawdown')).toMatch(/^Halted risk/);
  });

  it('has a peak that one bad book does not raise', async () => {
    const risk = await start(DRAWDOWN);
    await at('0.0014', 5, risk);
    await at('0.0100', 1, risk);
    await at('0.0014', 5, risk);
    expect([tripped(), formatDecimal(row()?.peak ?? d('0'))]).toEqual([[], '1.70025']);
  });

  it('does not grow with a withdrawal', async () => {
    const risk = await start(DRAWDOWN);
    await at('0.0014', 5, risk);
    stack.record.transfers.push({ id: '1', asset: 'XRP', amount: d('-499'), author: 'ada', reason: 'moved' });
    await stack.record.bookTransfers(new Set(['ETH', 'XRP']));
    await at('0.0014', 5, risk);
    expect(tripped()).toEqual([]);
  });
});

describe('a breaker of an instrument', () => {
  it('stops its entries by the spread until it has cooled down, through a restart', async () => {
    const rules = { maxSpreadPercent: d('0.05'), breakerCoolDownSeconds: 30 };
    const risk = await start(rules);
    // The spread is 0.000001: 0.071 % at 0.0014, and 0.033 % at 0.003.
    await at('0.0014', 3, risk);
    expect(tripped()).toEqual(['WideSpread']);
    expect(risk.states.state).toBe('Active');
    await at('0.0030', 20, risk);
    await stack.stop();
    const second = await start(rules);
    await at('0.0030', 25, second);
    expect(tripped()).toEqual(['WideSpread']);
    await at('0.0030', 8, second);
    expect(tripped()).toEqual([]);
  });

  it('stops entries after a move, and lets the exit run', async () => {
    stack.hold('trend', '50', '0.07');
    const risk = await start({ maxMovePercent: d('5'), moveWindowSeconds: 10, breakerCoolDownSeconds: 15 });
    await at('0.0014', 4, risk);
    await at('0.00130', 3, risk);
    expect(tripped()).toEqual(['PriceMove']);
    await stack.signal('Flat', risk);
    expect(stack.decisions.at(-1)?.code).toBe('Approved');
    stack.execute();
    await at('0.00130', 5, risk);
    expect(await stack.enter(risk)).toBe('PriceMove');
    await at('0.00130', 25, risk);
    expect(tripped()).toEqual([]);
  });

  it('stops entries after gaps in the feed, and stays while the feed is down', async () => {
    const rules = { maxFeedGaps: 2, feedGapWindowMinutes: 1, breakerCoolDownSeconds: 10 };
    const risk = await start(rules);
    for (let gap = 0; gap < 4; gap += 1) {
      await stack.clock.advance(3_000);
      await at('0.0014', 1, risk);
    }
    expect(tripped()).toEqual(['FeedGaps']);
    expect(stack.risk.breakers.tripped).toMatchObject([{ symbol: SYMBOL, threshold: '2', inputs: { feedGaps: 3 } }]);
    await stack.clock.advance(5 * MINUTE * 1_000);
    expect(tripped()).toEqual(['FeedGaps']);
    await stack.compareBalances();
    await at('0.0014', 15, risk);
    expect(tripped()).toEqual([]);
  });

  it('leaves when the settings no longer have its limit', async () => {
    const risk = await start({ maxSpreadPercent: d('0.05') });
    await at('0.0014', 3, risk);
    await stack.stop();
    const second = await start({});
    await at('0.0014', 2, second);
    expect(tripped()).toEqual([]);
  });
});

describe('a breaker of the venue', () => {
  const RULES = { maxVenueErrorPercent: d('20'), breakerCoolDownSeconds: 30 };
  const FAILING = { failures: { NoAnswer: 30, NotSent: 0, RateLimited: 0, Banned: 0 } };

  /** Lets seconds pass while execution reports on the venue each second. */
  async function reporting(change: Partial<VenueHealth>, seconds: number, risk: RiskProcess): Promise<void> {
    const { ageMs: _ageMs, ...health } = healthyVenue(change);
    for (let second = 0; second < seconds; second += 1) {
      await stack.record.recordVenueHealth(1, health, stack.clock.nowMs());
      await at('0.0014', 1, risk);
    }
  }

  it('stops entries, lets the exit run, and leaves after enough good replies', async () => {
    stack.hold('trend', '50', '0.07');
    const risk = await start(RULES);
    await reporting({}, 3, risk);
    expect(tripped()).toEqual([]);
    await reporting(FAILING, 3, risk);
    expect(tripped()).toEqual(['VenueErrors']);
    expect(stack.recorded('breaker-venue-errors')).toMatch(/^Reducing risk/);
    expect(risk.states.state).toBe('Reducing');
    await stack.signal('Flat', risk);
    expect(stack.decisions.at(-1)?.code).toBe('Approved');
    stack.execute();
    expect(await stack.enter(risk)).toBe('VenueErrors');
    await reporting({}, 29, risk);
    expect(tripped()).toEqual(['VenueErrors']);
    await reporting({}, 3, risk);
    expect(tripped()).toEqual([]);
    expect(stack.recorded('breaker-venue-errors')).toMatch(/^Active risk/);
    await reporting({}, 2, risk);
    expect(await stack.enter(risk)).toBe('Approved');
  });

  it('stays while execution does not report, and while too few replies say something', async () => {
    const risk = await start(RULES);
    await reporting(FAILING, 3, risk);
    await at('0.0014', 60, risk);
    await reporting({ requests: 9 }, 40, risk);
    expect(tripped()).toEqual(['VenueErrors']);
    await reporting({}, 32, risk);
    expect(tripped()).toEqual([]);
  });

  it('begins the cool-down again after a failure in between', async () => {
    const risk = await start(RULES);
    await reporting(FAILING, 3, risk);
    await reporting({}, 20, risk);
    await reporting(FAILING, 2, risk);
    await reporting({}, 20, risk);
    expect(tripped()).toEqual(['VenueErrors']);
  });

  it('permits no entry and trips nothing while the health of the venue is unknown', async () => {
    const risk = await start(RULES);
    await at('0.0014', 5, risk);
    expect([tripped(), await stack.enter(risk)]).toEqual([[], 'VenueUnknown']);
  });
});

it('watches the instruments, and touches no equity, while the record of the equity cannot be read', async () => {
  const risk = await start({ maxDailyLoss: d('0.1'), maxSpreadPercent: d('0.05') });
  await at('0.0040', 5, risk);
  const before = row();
  stack.unread = [{ ...unreadRow, table: 'risk.equity', symbol: undefined }];
  await at('0.0014', 5, risk);
  expect(tripped()).toEqual(['WideSpread']);
  expect(risk.breakers.status()).toMatchObject({ equity: null, problem: expect.stringContaining('risk.equity') });
  expect(row()).toEqual(before);
});

it('values the account by the last price while a book is old, and says so', async () => {
  const risk = await start({ maxDailyLoss: d('0.1') });
  await at('0.0014', 5, risk);
  await stack.clock.advance(4_000);
  expect(risk.breakers.status()).toMatchObject({
    equity: '1.70025',
    problem: 'no live price of XRP/ETH to convert XRP to ETH (valued at the last price)',
  });
});

it('reports nothing while the account cannot be read', async () => {
  const risk = await start({ maxDailyLoss: d('0.1') });
  await at('0.0014', 5, risk);
  stack.down = true;
  await stack.clock.advance(2_000);
  expect([risk.breakers.status(), risk.breakers.figures()]).toEqual([null, { trippedBreakers: null }]);
});

it('exposes the value of the account and the breakers as metrics', async () => {
  const risk = await start({ maxDailyLoss: d('0.1') });
  await at('0.0014', 5, risk);
  await at('0.0012', 5, risk);
  const metrics = await risk.metrics.metrics();
  expect(metrics).toContain('tradingstack_risk_tripped_breakers{breaker="DailyLoss"} 1');
  expect(metrics).toContain('tradingstack_risk_equity 1.60025');
  expect(metrics).toContain('tradingstack_risk_day_profit -0.1');
  expect(metrics).toContain('tradingstack_risk_drawdown_percent 5.88');
});
