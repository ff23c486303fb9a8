import { beforeEach, describe, expect, it } from 'vitest';
import { parseDecimal } from '../shared/domain/decimal.ts';
import { ExitStack, SYMBOL } from '../../test/harness/exit-stack.ts';
import { ALL_READ } from './core/stances/unread-signals.ts';

let stack: ExitStack;

beforeEach(() => {
  stack = new ExitStack();
});

const sold = () => stack.record.approvals.map(({ side, quantity }) => [side, quantity]);

/** Lets seconds pass in which the venue does nothing; returns the second of each new approval. */
async function attemptsOf(risk: Awaited<ReturnType<ExitStack['start']>>, seconds: number): Promise<number[]> {
  const at: number[] = [];
  for (let second = 0; second < seconds; second += 1) {
    const before = stack.record.approvals.length;
    await stack.pass(1, risk);
    if (stack.record.approvals.length > before) at.push(second);
    stack.execute(0n);
  }
  return at;
}

describe('an exit between bars', () => {
  it('follows a refused one as soon as the book is fresh', async () => {
    stack.hold('trend', '50');
    const risk = await stack.start();
    stack.quote();
    await stack.clock.advance(2_500);
    await stack.signal('Flat', risk);
    expect(stack.decisions.at(-1)).toMatchObject({ code: 'FeedStale', order: undefined });
    await stack.pass(2, risk);
    expect(stack.record.approvals).toMatchObject([{ side: 'sell', decisionId: expect.stringMatching(/^exit:trend:/) }]);
  });

  it('sells what is left of a part-fill within a second, until nothing is left', async () => {
    stack.hold('trend', '50');
    const risk = await stack.start();
    stack.quote();
    await stack.signal('Flat', risk);
    const held: string[] = [];
    for (let second = 0; second < 6; second += 1) {
      stack.execute(50n);
      await stack.pass(1, risk);
      held.push(stack.held());
    }
    expect(held).toEqual(['25', '12.5', '6.25', '3.15', '1.6', '0.8']);
    expect(stack.record.approvals[0]?.decisionId).toMatch(/^trend:/);
    expect(risk.exits.figures()).toMatchObject({ leavingPositions: 0, dustPositions: 1 });
  });

  it('is repeated after growing waits while nothing fills, and at once after a fill', async () => {
    stack.hold('trend', '50');
    const risk = await stack.start();
    stack.quote();
    await stack.signal('Flat', risk);
    stack.execute(0n);
    const at = await attemptsOf(risk, 100);
    expect(at.slice(1).map((second, index) => second - (at[index] ?? 0))).toEqual([
      1,
      2,
      ...Array.from({ length: at.length - 3 }, () => 4),
    ]);
    expect(risk.exits.exits()?.positions).toMatchObject([{ attempts: at.length - 1, reason: 'ExitUnfilled' }]);
    stack.hold('trend', '40');
    expect(await attemptsOf(risk, 4)).toEqual([0, 1, 3]);
  });

  it('says what it waits for: an approval without an order, a sale that never ends, or its next attempt', async () => {
    stack.hold('trend', '50');
    const risk = await stack.start();
    const why = (): string => {
      const [position] = risk.exits.exits()?.positions ?? [];
      return `${position?.reason}: ${position?.message}`;
    };
    stack.quote();
    await stack.signal('Flat', risk);
    await stack.pass(1, risk);
    expect(why()).toMatch(/^SaleLive: the approval of sale \w+ of 2026-01-01T00:00:00.001Z has no order yet$/);
    const finish = stack.openSale('10');
    stack.hold('trend', '40');
    await stack.pass(90, risk);
    const sale = /^SaleLive: sale \w+ of 2026-01-01T00:00:01.001Z is PartiallyFilled: 10 of 50 are filled$/;
    expect(why()).toMatch(sale);
    expect(risk.exits.figures()['overdueExit']).toMatch(/^trend XRP\/ETH: SaleLive - sale \w+ of /);
    finish();
    for (let second = 0; second < 3; second += 1) {
      await stack.pass(1, risk);
      stack.execute(0n);
    }
    const next = '2 attempts have not reduced the position; the next attempt follows at 2026-01-01T00:01:35.000Z';
    expect(why()).toBe(`ExitUnfilled: ${next}`);
  });

  it('is not repeated while its order lives, nor after it is filled', async () => {
    stack.hold('trend', '50');
    const risk = await stack.start();
    stack.quote();
    await stack.signal('Flat', risk);
    await stack.pass(15, risk);
    expect(stack.record.approvals).toHaveLength(1);
    stack.execute();
    await stack.pass(30, risk);
    expect([stack.record.approvals.length, stack.held()]).toEqual([1, '0']);
    expect(risk.exits.exits()).toEqual({ openPositions: 0, dustPositions: 0, positions: [] });
  });

  it('ends when the strategy changes its mind, and starts with the first wait another time', async () => {
    stack.hold('trend', '50');
    const risk = await stack.start();
    stack.quote();
    await stack.signal('Flat', risk);
    stack.execute(0n);
    await attemptsOf(risk, 20);
    await stack.signal('Long', risk);
    expect(await attemptsOf(risk, 60)).toEqual([]);
    await stack.signal('Flat', risk);
    stack.execute(0n);
    expect(await attemptsOf(risk, 6)).toEqual([0, 1, 3]);
  });

  it('survives a restart: the stance is in the record', async () => {
    stack.hold('trend', '50');
    const before = await stack.start();
    stack.quote();
    await stack.signal('Flat', before);
    stack.execute(0n);
    await stack.stop();
    await stack.clock.advance(3_600_000);
    const after = await stack.start();
    await stack.pass(1, after);
    expect(sold()).toHaveLength(2);
    expect(after.exits.exits()?.positions).toMatchObject([
      { strategy: 'trend', symbol: SYMBOL, cause: 'Flat', since: '2026-01-01T00:00:00.001Z' },
    ]);
  });

  it('waits for the signals that lie in Redis, because a newer one may want the position', async () => {
    stack.hold('trend', '50');
    const before = await stack.start();
    stack.quote();
    await stack.signal('Flat', before);
    stack.execute(0n);
    await stack.stop();
    stack.unreadSignals = 'All';
    const after = await stack.start();
    await stack.pass(5, after);
    expect(after.exits.exits()?.positions).toMatchObject([{ reason: 'SignalsUnread' }]);
    await stack.signal('Long', after);
    stack.unreadSignals = ALL_READ;
    await stack.pass(5, after);
    expect(sold()).toHaveLength(1);
  });

  it('asks before each of several exits whether signals are read: one may take long', async () => {
    const strategies = ['one', 'two', 'trend'];
    for (const strategy of strategies) stack.hold(strategy, '50');
    const risk = await stack.start();
    stack.quote();
    for (const strategy of strategies) {
      stack.strategy = strategy;
      await stack.signal('Flat', risk);
    }
    stack.execute(0n);
    expect(sold()).toHaveLength(3);
    stack.beforeExit = () => (stack.unreadSignals = 'All');
    await stack.pass(3, risk);
    expect(sold()).toHaveLength(4);
    const waiting = risk.exits.exits()?.positions.filter(({ reason }) => reason === 'SignalsUnread');
    expect(waiting).toMatchObject([{ attempts: 0 }, { attempts: 0 }]);
    stack.beforeExit = () => {};
    stack.unreadSignals = ALL_READ;
    await stack.pass(1, risk);
    expect(sold()).toHaveLength(6);
  });

  it.each([
    ['before the pass', 'looks'],
    ['between two exits', 'decides'],
  ] as const)('waits only for the signals of its own pair, when they become unread %s', async (_when, at) => {
    for (const strategy of ['one', 'two', 'trend']) stack.hold(strategy, '50');
    const risk = await stack.start();
    stack.quote();
    for (const strategy of ['one', 'two', 'trend']) {
      stack.strategy = strategy;
      await stack.signal('Flat', risk);
    }
    stack.execute(0n);
    const lose = (): void => void (stack.unreadSignals = new Set([`two:${SYMBOL}`]));
    if (at === 'looks') lose();
    else stack.beforeExit = lose;
    await stack.pass(3, risk);
    expect(sold()).toHaveLength(5);
    const waiting = risk.exits.exits()?.positions.filter(({ reason }) => reason === 'SignalsUnread');
    expect(waiting).toMatchObject([{ strategy: 'two' }]);
  });

  it('of Flattening waits for no signals, also when they become unread between two of them', async () => {
    for (const strategy of ['one', 'two']) stack.hold(strategy, '50');
    const risk = await stack.start();
    stack.quote();
    stack.record.restrict('desk', 'Flattening');
    stack.beforeExit = () => (stack.unreadSignals = 'All');
    await stack.pass(2, risk);
    expect(sold()).toHaveLength(2);
  });

  it.each(['Halted', 'Reducing'] as const)('%s: runs only if orders may reduce a position', async (state) => {
    stack.hold('trend', '50');
    const risk = await stack.start();
    stack.record.restrict('desk', state);
    stack.quote();
    await stack.signal('Flat', risk);
    const first = stack.decisions.length;
    await stack.pass(10, risk);
    expect(stack.record.approvals.length).toBe(state === 'Reducing' ? 1 : 0);
    expect(stack.decisions.length).toBe(first);
    stack.record.restrict('desk', 'Active');
    await stack.pass(2, risk);
    expect(stack.record.approvals).toHaveLength(1);
  });

  it('sells what is there of a position that an order of somebody else locks in part, and names the rest', async () => {
    stack.hold('trend', '50');
    const risk = await stack.start();
    stack.quote();
    const readings = async (free: string, seconds: number): Promise<void> => {
      stack.free.set('XRP', parseDecimal(free));
      for (let second = 0; second < seconds; second += 1) {
        await stack.compareBalances();
        await stack.pass(1, risk);
      }
    };
    await stack.signal('Flat', risk);
    stack.execute(0n);
    stack.record.exitRefusedAt.set(`trend ${SYMBOL}`, stack.clock.nowMs());
    await stack.clock.advance(1);
    await readings('40', 3);
    expect(sold().at(-1)).toEqual(['sell', parseDecimal('40')]);
    expect(stack.decisions.at(-1)?.detail).toBe('10 of 50 XRP are not there: the venue has 40 free');
    stack.execute();
    await readings('0', 2);
    expect(sold()).toHaveLength(2);
    const message = '10 of 10 XRP are not there: the venue has 0 free';
    expect(risk.exits.exits()?.positions).toMatchObject([{ reason: 'InsufficientFunds', message }]);
    await readings('10', 10);
    stack.execute();
    expect([stack.held(), sold().at(-1)]).toEqual(['0', ['sell', parseDecimal('10')]]);
  });

  it('is decided once by two processes of a rolling update', async () => {
    stack.hold('trend', '50');
    const [first] = [await stack.start(), await stack.start()];
    stack.quote();
    await stack.signal('Flat', first);
    stack.execute(0n);
    await stack.pass(1, first);
    expect(sold()).toHaveLength(2);
  });
});

it('works the other positions in the same pass while one cannot be decided, and says why that one waits', async () => {
  stack.hold('broken', '50');
  stack.hold('trend', '50');
  stack.undecidable.add('broken');
  stack.record.restrict('desk', 'Flattening');
  const risk = await stack.start();
  await stack.pass(2, risk);
  expect(stack.record.approvals).toMatchObject([{ strategy: 'trend', side: 'sell' }]);
  expect(risk.exits.exits()?.positions).toMatchObject([
    { strategy: 'broken', reason: 'ExitNotDecided', message: 'canceling statement due to lock timeout' },
    { strategy: 'trend' },
  ]);
  expect(risk.exits.check(1_500)).toMatchObject({ ok: true });
  expect(stack.logged).toContainEqual(expect.objectContaining({ strategy: 'broken', msg: 'exit not decided' }));
  stack.execute();
  stack.undecidable.clear();
  await stack.pass(4, risk);
  expect(stack.record.approvals).toMatchObject([{ strategy: 'trend' }, { strategy: 'broken' }]);
});

it('does not wait after an attempt that another process was faster with', async () => {
  stack.hold('trend', '50');
  const risk = await stack.start();
  stack.quote();
  await stack.signal('Flat', risk);
  stack.execute(0n);
  stack.outrun = true;
  await stack.pass(5, risk);
  expect(risk.exits.exits()?.positions).toMatchObject([{ attempts: 0, reason: 'ExitDue' }]);
  stack.outrun = false;
  await stack.pass(1, risk);
  expect(sold()).toHaveLength(2);
});

describe('the report', () => {
  it('has nothing while the account cannot be read', async () => {
    const risk = await stack.start();
    stack.down = true;
    await stack.pass(2, risk);
    expect([risk.exits.exits(), risk.exits.flatten()]).toEqual([null, null]);
    expect(risk.exits.figures()).toMatchObject({ leavingPositions: null, overdueExits: null });
  });

  it('names a position that has not been left for a minute, and why', async () => {
    stack.hold('trend', '50');
    const risk = await stack.start();
    await stack.signal('Flat', risk);
    await stack.pass(60, risk, false);
    expect(risk.exits.figures()).toMatchObject({ leavingPositions: 1, overdueExits: 0, overdueExit: null });
    await stack.pass(2, risk, false);
    expect(risk.exits.figures()).toMatchObject({
      overdueExits: 1,
      overdueExit: 'trend XRP/ETH: FeedStale - no order book received, risk.maxFeedAgeMs allows 2000 ms',
    });
    expect(await risk.metrics.metrics()).toMatch(/leaving_positions 1\n[^]*leaving_oldest_seconds 6\d/);
  });

  it('logs dust once, and a position that is not closed for long once', async () => {
    stack.hold('trend', '0.5');
    stack.hold('other', '50');
    const risk = await stack.start();
    stack.record.restrict('desk', 'Flattening');
    stack.record.restrict('console', 'Halted');
    await stack.signal('Flat', risk);
    await stack.pass(90, risk);
    const lines = stack.logged.filter(({ strategy }) => strategy !== undefined);
    expect(lines.map(({ strategy, msg }) => [strategy, msg])).toEqual([
      ['trend', 'position cannot be sold, and stays'],
      ['other', 'position should have been closed a minute ago'],
    ]);
    expect(await risk.metrics.metrics()).toContain('tradingstack_risk_dust_positions 1');
  });
});
