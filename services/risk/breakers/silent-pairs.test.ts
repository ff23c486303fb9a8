import { beforeEach, describe, expect, it } from 'vitest';
import { ExitStack, SYMBOL, type RiskProcess } from '../../../test/harness/exit-stack.ts';
import { riskTestSettings } from '../../../test/fixtures/risk-settings.ts';
import { formatDecimal, parseDecimal, type Decimal } from '../../shared/domain/decimal.ts';
import type { BreakerRules } from '../core/breakers/account-breaches.ts';

const d = parseDecimal;
const MIDNIGHT_MS = 1_767_225_600_000;
const DAY_MS = 86_400_000;
const SILENT = 'MX/ETH';
let stack: ExitStack;
let version = 1;

beforeEach(() => {
  stack = new ExitStack([SYMBOL, SILENT]);
  stack.clock.setNow(MIDNIGHT_MS + 10 * 3_600_000);
});

/** Starts a process for XRP/ETH and MX/ETH. The account has 1 ETH, 500 XRP and `held` MX. */
async function start(held: string, breakers: BreakerRules): Promise<RiskProcess> {
  stack.settings = { ...riskTestSettings, symbols: [SYMBOL, SILENT], breakers };
  stack.alsoAtVenue.set('MX', d(held));
  return await stack.start();
}

/** Lets seconds pass with a new book of XRP/ETH each second, and one of MX/ETH if it has a bid. */
async function pass(seconds: number, risk: RiskProcess, bid?: string): Promise<void> {
  await stack.trade(seconds, risk, { [SYMBOL]: '0.0014', ...(bid !== undefined && { [SILENT]: bid }) });
}

const tripped = () => stack.risk.breakers.tripped.map(({ breaker }) => breaker);
const text = (amount: Decimal | undefined) => (amount === undefined ? undefined : formatDecimal(amount));
const recorded = () => {
  const record = stack.risk.breakers.equity;
  return { equity: text(record?.equity), dayStart: text(record?.dayStart), peak: text(record?.peak) };
};

describe('a pair whose book is silent, with limits of loss and drawdown', () => {
  it('refuses no entry of another pair for a few coins of it', async () => {
    const risk = await start('20', { maxDailyLoss: d('0.1'), maxDrawdownPercent: d('10') });
    await pass(5, risk, '0.001');
    await pass(60, risk);
    expect(await stack.enter(risk)).toBe('Approved');
    expect(risk.breakers.status()).toMatchObject({
      equity: '1.72026',
      problem: 'no live price of MX/ETH to convert MX to ETH (valued at the last price)',
    });
    expect(tripped()).toEqual([]);
  });

  it('refuses them while what is held of it could reach a limit, and trips nothing', async () => {
    const risk = await start('500', { maxDailyLoss: d('0.4'), maxDrawdownPercent: d('10') });
    await pass(5, risk, '0.001');
    await pass(60, risk);
    expect(await stack.enter(risk)).toBe('EquityUnknown');
    expect(stack.decisions.at(-1)?.detail).toMatch(
      /^no live price of MX\/ETH .* if the 0\.50025 that it was last worth/,
    );
    expect(tripped()).toEqual([]);
    expect(recorded()).toEqual({ equity: '2.2005', dayStart: '2.2005', peak: '2.2005' });
  });

  it('is a loss when its price comes back lower, also after midnight', async () => {
    const risk = await start('500', { maxDailyLoss: d('0.4') });
    await pass(5, risk, '0.001');
    await pass(10, risk);
    stack.clock.setNow(MIDNIGHT_MS + DAY_MS);
    await stack.compareBalances();
    await pass(5, risk);
    expect(recorded()).toMatchObject({ dayStart: '2.2005' });
    expect(tripped()).toEqual([]);
    await pass(10, risk, '0.0001');
    expect(recorded()).toMatchObject({ equity: '1.7505', dayStart: '2.2005' });
    expect(tripped()).toEqual(['DailyLoss']);
  });

  it('keeps its last price over a restart', async () => {
    const first = await start('20', { maxDailyLoss: d('0.1') });
    await pass(5, first, '0.001');
    await stack.stop();
    const second = await stack.start();
    await pass(5, second);
    expect(recorded()).toMatchObject({ equity: '1.72026', dayStart: '1.72026' });
    expect(await stack.enter(second)).toBe('Approved');
  });

  it('counts from its first price, if it never had one', async () => {
    const risk = await start('500', { maxDailyLoss: d('0.1'), maxDrawdownPercent: d('10') });
    await pass(5, risk);
    expect(await stack.enter(risk)).toBe('Approved');
    expect(recorded()).toEqual({ equity: '1.70025', dayStart: '1.70025', peak: '1.70025' });
    await pass(5, risk, '0.001');
    expect(recorded()).toEqual({ equity: '2.2005', dayStart: '2.2005', peak: '2.2005' });
    await pass(5, risk, '0.0007');
    expect(tripped()).toEqual(['DailyLoss']);
  });

  // The record is written every five seconds.
  it.each([5, 6, 7, 8, 9])('has the last confirmed price, not a bad print after %i s', async (seconds) => {
    const risk = await start('20', { maxDailyLoss: d('0.1') });
    await pass(seconds, risk, '0.001');
    await pass(1, risk, '0.9');
    await pass(10, risk);
    expect(recorded()).toMatchObject({ equity: '1.72026', peak: '1.72026' });
  });
});

const LIMITS = { maxDailyLoss: d('0.1'), maxDrawdownPercent: d('10') };

/** Stops the process, lets time pass, and starts it again with these pairs. */
async function restarted(afterMs: number, symbols = [SYMBOL, SILENT]): Promise<RiskProcess> {
  await stack.stop();
  stack.settings = { ...stack.settings, symbols };
  stack.clock.setNow(stack.clock.nowMs() + afterMs);
  await stack.compareBalances();
  return await stack.start();
}

/** Lets seconds pass without any book, and one pass with both prices each second afterwards. */
async function late(seconds: number, bid: string, risk: RiskProcess): Promise<void> {
  await stack.trade(seconds, risk, {});
  await quoteBoth(bid, risk, 8);
}

async function quoteBoth(bid: string, risk: RiskProcess, seconds: number): Promise<void> {
  await stack.trade(seconds, risk, { [SYMBOL]: bid, [SILENT]: '0.001' });
}

describe('after an outage', () => {
  it.each([0, 8, 200])('the day begins with the first prices, also if they come after %i s', async (seconds) => {
    const first = await start('20', LIMITS);
    await pass(6, first, '0.001');
    const second = await restarted(2 * DAY_MS);
    await late(seconds, '0.0010', second);
    expect(recorded()).toMatchObject({ equity: '1.52026', dayStart: '1.52026' });
    expect(tripped()).toEqual(['Drawdown']);
    await quoteBoth('0.0007', second, 8);
    expect(tripped()).toEqual(['DailyLoss', 'Drawdown']);
  });

  it('no entry is approved before the day has begun', async () => {
    const first = await start('20', LIMITS);
    await pass(6, first, '0.001');
    const second = await restarted(2 * DAY_MS);
    await pass(60, second);
    expect(second.breakers.status()).toMatchObject({
      dayProfit: null,
      problem: expect.stringMatching(/the day has not begun$/),
    });
    expect(await stack.enter(second)).toBe('EquityUnknown');
    await pass(250, second);
    expect(await stack.enter(second)).toBe('Approved');
  });

  it.each([2, 20])(
    'a drawdown trips although a price has been missing for %i s when the day should begin',
    async (seconds) => {
      stack.clock.setNow(MIDNIGHT_MS + DAY_MS - 10_000);
      const risk = await start('1', { maxDrawdownPercent: d('10'), maxDailyLoss: d('0.3') });
      await pass(6, risk, '0.001');
      await pass(seconds, risk);
      for (let second = 0; second < 5; second += 1) {
        version += 1;
        stack.quote('0.0007', String(version));
        await risk.states.load();
        await stack.clock.advance(1_000);
      }
      // The loss since yesterday is no loss of today.
      expect(tripped()).toEqual(['Drawdown']);
    },
  );

  it.each([
    [0, 'All'],
    [5, 'All'],
    [5, 'None'],
  ] as const)(
    'the day begins with the price that comes back, not with the one from before, after %i s of silence long before, ' +
      'in which the process decided %s',
    async (seconds, scope) => {
      stack.clock.setNow(MIDNIGHT_MS + DAY_MS - 400_000);
      const risk = await start('500', { maxDailyLoss: d('0.2'), maxDrawdownPercent: d('50') });
      await pass(10, risk, '0.001');
      stack.scope = scope;
      await pass(seconds, risk);
      await pass(370, risk, '0.001');
      await pass(20, risk);
      stack.scope = 'All';
      await pass(30, risk);
      await pass(10, risk, '0.0005');
      expect(recorded()).toMatchObject({ dayStart: '1.9505' });
      expect(tripped()).toEqual([]);
    },
  );

  it('a peak does not rise by the price from before the gap', async () => {
    const risk = await start('500', { maxDrawdownPercent: d('10') });
    await pass(10, risk, '0.001');
    await stack.trade(30, risk, { [SYMBOL]: '0.0020' });
    await stack.trade(8, risk, { [SYMBOL]: '0.0020', [SILENT]: '0.0004' });
    expect([recorded().peak, tripped()]).toEqual(['2.2005', []]);
  });

  it.each([
    [1, 4],
    [1, 6],
    [1, 8],
    [1, 15],
    [2, 4],
    [2, 10],
    [3, 9],
  ])('the day begins although books come in %i s of each %i s only', async (books, everySeconds) => {
    stack.clock.setNow(MIDNIGHT_MS + DAY_MS - 30_000);
    const risk = await start('500', { maxDailyLoss: d('0.2') });
    await pass(10, risk, '0.001');
    for (let second = 0; second < 400; second += everySeconds) {
      await pass(books, risk, '0.001');
      await pass(everySeconds - books, risk);
    }
    expect(stack.risk.breakers.equity?.dayMs).toBe(MIDNIGHT_MS + DAY_MS);
  });

  it.each([
    ['another process was first', true, 'All'],
    ['no release is active', false, 'Exits'],
  ] as const)('a record that is not stored, because %s, prolongs no wait', async (_why, outrun, scope) => {
    stack.clock.setNow(MIDNIGHT_MS + DAY_MS - 30_000);
    const risk = await start('500', { maxDailyLoss: d('0.2') });
    await pass(10, risk, '0.001');
    for (let second = 0; second < 400; second += 10) {
      stack.equityOutrun = outrun && second < 330;
      stack.scope = second < 330 ? scope : 'All';
      await pass(2, risk, '0.001');
      await pass(8, risk);
    }
    expect(stack.risk.breakers.equity?.dayMs).toBe(MIDNIGHT_MS + DAY_MS);
  });

  it('old prices raise no peak', async () => {
    const first = await start('20', LIMITS);
    await pass(6, first, '0.001');
    stack.risk.breakers.equity = { ...stack.risk.breakers.equity!, peak: d('1') };
    const second = await restarted(60_000);
    await pass(8, second);
    expect(recorded()).toMatchObject({ peak: '1' });
    await late(0, '0.0014', second);
    expect(recorded()).toMatchObject({ peak: '1.72026' });
  });
});

describe('a change of the pairs', () => {
  it('keeps the loss of the day and the drawdown when a pair is added for a fee in its asset', async () => {
    stack.alsoAtVenue.set('MX', d('20'));
    stack.settings = { ...riskTestSettings, symbols: [SYMBOL], breakers: LIMITS };
    const first = await stack.start();
    await pass(6, first);
    stack.record.feesPaid.set('MX', d('0.1'));
    await quoteBoth('0.0010', first, 6);
    expect(tripped()).toEqual([]);
    const second = await restarted(1_000);
    await late(0, '0.0010', second);
    expect(tripped()).toEqual(['DailyLoss', 'Drawdown']);
  });

  it('keeps them when a pair is removed while risk is down', async () => {
    const first = await start('1', LIMITS);
    await pass(6, first, '0.001');
    const second = await restarted(120_000, [SYMBOL]);
    await late(0, '0.0010', second);
    expect(recorded()).toMatchObject({ equity: '1.50025', dayStart: '1.70025' });
    expect(tripped()).toEqual(['DailyLoss', 'Drawdown']);
  });

  it('lets no entry pass before the equity with the new pair is recorded', async () => {
    stack.alsoAtVenue.set('MX', d('20'));
    stack.settings = { ...riskTestSettings, symbols: [SYMBOL], breakers: LIMITS };
    await pass(6, await stack.start());
    const second = await restarted(1_000);
    await quoteBoth('0.0014', second, 1);
    expect(await stack.enter(second)).toBe('EquityUnknown');
    expect(stack.decisions.at(-1)?.detail).toBe('the equity with MX is not recorded yet');
    await late(0, '0.0014', second);
    expect(await stack.enter(second)).toBe('Approved');
  });
});
