import { beforeEach, describe, expect, it } from 'vitest';
import { ExitStack } from '../../../test/harness/exit-stack.ts';
import { riskTestSettings } from '../../../test/fixtures/risk-settings.ts';
import { signalMessage } from '../../shared/contracts/messages/signal.ts';
import { parseDecimal } from '../../shared/domain/decimal.ts';
import type { DecisionScope } from '../../shared/domain/release/active-release.ts';

const d = parseDecimal;
let stack: ExitStack;
let version = 1;

beforeEach(() => {
  stack = new ExitStack();
  const stops = { stopLossPercent: d('5') };
  stack.settings = {
    ...riskTestSettings,
    breakers: { maxDailyLoss: d('0.01') },
    sizing: riskTestSettings.sizing.map((one) => ({ ...one, stops })),
  };
});

/** Lets seconds pass at a bid, with a new book each second. */
async function at(bid: string, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    version += 1;
    stack.quote(bid, String(version));
    await stack.clock.advance(1_000);
  }
}

const written = () => ({
  stops: stack.risk.stops.rows.map(({ triggered }) => triggered?.kind ?? 'Watched'),
  breakers: stack.risk.breakers.tripped.map(({ breaker }) => breaker),
  equity: stack.risk.breakers.equity !== undefined,
  decided: stack.decisions.length,
  cancels: stack.record.cancels.requests.length,
  halts: stack.recorded('flatten'),
});
const NOTHING = { stops: [], breakers: [], equity: false, decided: 0, cancels: 0, halts: undefined };

describe('a process of a release that is not active', () => {
  it('writes no stop, breaker, equity, request or decision, and reports what it would leave', async () => {
    stack.hold('trend', '50', '0.07');
    stack.scope = 'None';
    const risk = await stack.start();
    await stack.signal('Flat', risk);
    stack.record.restrict('spec', 'Flattening');
    const decided = stack.decisions.length;
    await at('0.0014', 4);
    await at('0.0012', 6);
    expect(written()).toEqual({ ...NOTHING, decided });
    expect(risk.exits.exits()).toMatchObject({ openPositions: 1 });
    expect(risk.breakers.status()).toMatchObject({ tripped: [] });
  });

  it('leaves it to the release that decides to warn of a position that is not closed', async () => {
    stack.hold('trend', '50', '0.07');
    stack.scope = 'None';
    stack.undecidable.add('trend');
    const risk = await stack.start();
    await stack.signal('Flat', risk);
    const overdue = () => stack.logged.filter(({ msg }) => msg.includes('should have been closed')).length;
    const leaving = async () => /tradingstack_risk_leaving_positions (\d+)/.exec(await risk.metrics.metrics())?.[1];
    await at('0.0014', 70);
    expect([overdue(), await leaving(), risk.exits.exits()?.openPositions]).toEqual([0, '0', 1]);
    stack.scope = 'All';
    await at('0.0014', 2);
    expect([overdue(), await leaving()]).toEqual([1, '1']);
  });

  it('works what is due once it is active, also a stop that was reached before', async () => {
    stack.hold('trend', '50', '0.07');
    stack.scope = 'None';
    await stack.start();
    await at('0.0014', 3);
    await at('0.0012', 3);
    stack.scope = 'All';
    await at('0.0012', 4);
    expect(written().stops).toEqual(['StopLoss']);
    expect(stack.decisions.at(-1)).toMatchObject({ code: 'Approved', order: { side: 'sell' } });
  });

  it('counts a stop that was reached just before it became active, and none that was reached earlier', async () => {
    stack.hold('trend', '50', '0.07');
    const key = { strategy: 'trend', symbol: 'XRP/ETH', openedAtMs: stack.clock.nowMs() };
    await stack.risk.beginStop(key, { stopLossPercent: d('5') });
    stack.scope = 'None';
    const { exits } = await stack.start();
    await at('0.0014', 2);
    await at('0.0012', 2);
    await at('0.0014', 3);
    stack.scope = 'All';
    exits.wake();
    await at('0.0014', 2);
    expect(written().stops).toEqual(['Watched']);
    stack.scope = 'None';
    await at('0.0014', 2);
    for (const bid of ['0.0012', '0.0012', '0.0014']) {
      version += 1;
      stack.quote(bid, String(version));
      await stack.clock.advance(10);
    }
    stack.scope = 'All';
    exits.wake();
    await at('0.0014', 1);
    expect(written().stops).toEqual(['StopLoss']);
  });

  it('stores a stop that was reached while it was active, and forgets one that is reached after that', async () => {
    stack.hold('trend', '50', '0.07');
    stack.stopLocked = true;
    await stack.start();
    await at('0.0014', 3);
    await at('0.0012', 3);
    stack.scope = 'None';
    await at('0.0014', 3);
    expect(written().stops).toEqual(['Watched']);
    stack.stopLocked = false;
    await at('0.0014', 2);
    expect(written().stops).toEqual(['StopLoss']);
  });

  it('stores no stop that another release has removed while this one was cut off', async () => {
    stack.hold('trend', '50', '0.07');
    const { exits } = await stack.start();
    await at('0.0014', 3);
    stack.stopLocked = true;
    stack.decidedAt = () => undefined;
    const activatedMs = stack.clock.monotonicMs();
    const [row] = stack.risk.stops.rows;
    if (row === undefined) throw new Error('no stop was begun');
    await stack.risk.changeStopRules(row, {});
    await at('0.0014', 60);
    await at('0.0012', 4);
    await at('0.0014', 60);
    stack.stopLocked = false;
    // Its next pass may come before its next look at the active release.
    exits.wake();
    await at('0.0014', 1);
    stack.scope = 'None';
    stack.decidedAt = (atMs) => atMs < activatedMs;
    await at('0.0014', 2);
    expect(written().stops).toEqual(['Watched']);
  });

  it('changes the stops that are stored once it is active, and not while no release is', async () => {
    stack.hold('trend', '50', '0.07');
    const key = { strategy: 'trend', symbol: 'XRP/ETH', openedAtMs: stack.clock.nowMs() };
    await stack.risk.beginStop(key, { stopLossPercent: d('9') });
    stack.scope = 'None';
    await stack.start();
    const after = async (scope: DecisionScope) => {
      stack.scope = scope;
      await at('0.0014', 3);
      return stack.risk.stops.rows.map(({ rules }) => rules);
    };
    expect(await after('None')).toEqual([{ stopLossPercent: d('9') }]);
    expect(await after('Exits')).toEqual([{ stopLossPercent: d('9') }]);
    expect(await after('All')).toEqual([{ stopLossPercent: d('5') }]);
  });

  it('leaves it to the process that decides to read what became of exits, and reads it when it decides again', async () => {
    stack.hold('trend', '50', '0.07');
    const risk = await stack.start();
    await at('0.0014', 1);
    await stack.signal('Flat', risk);
    stack.reject('30004');
    await at('0.0014', 2);
    stack.reject('30004');
    const problem = () => risk.exits.exits()?.positions[0]?.reason;
    stack.scope = 'None';
    await at('0.0014', 3);
    expect(problem()).not.toBe('ExitRejected');
    stack.scope = 'Exits';
    await at('0.0014', 1);
    expect(problem()).toBe('ExitRejected');
  });

  it('stores nothing for books of a time in which it is not active', async () => {
    stack.hold('trend', '50', '0.07');
    await stack.start();
    await at('0.0014', 3);
    stack.scope = 'None';
    await at('0.0012', 5);
    expect(written().stops).toEqual(['Watched']);
  });

  it('decides signals to leave while no release is active, and leaves those to enter to the one that will be', async () => {
    stack.hold('trend', '50', '0.07');
    stack.scope = 'Exits';
    stack.record.activeRelease = undefined;
    const { service, metrics } = await stack.start();
    await at('0.0014', 2);
    const signal = (stance: 'Long' | 'Flat', strategy = 'trend') => {
      const barClose = stack.clock.nowMs();
      const bar = { strategy, symbol: 'XRP/ETH', stance, changedAt: barClose, barClose, release: 'r' };
      return signalMessage.parse({ ...bar, id: `${strategy}:${stance}:${barClose}`, referencePrice: '1' });
    };
    const [enter, leave] = [signal('Long', 'cross'), signal('Flat')];
    expect(await service.onSignals([enter, leave])).toEqual(
      new Map([[enter, { kind: 'yield', reason: 'only the active release of risk decides this' }]]),
    );
    expect(stack.decisions.at(-1)).toMatchObject({ code: 'Approved', order: { side: 'sell' } });
    expect(stack.record.approvals.map(({ side }) => side)).toEqual(['sell']);
    expect((await stack.risk.readAccount(stack.clock.nowMs())).stances).toMatchObject([
      { strategy: 'trend', stance: 'Flat' },
    ]);
    expect(await metrics.metrics()).toContain('code="NotActiveRelease"} 1');
  });

  it('trips breakers while no release is active, and lets none leave before one is', async () => {
    stack.hold('trend', '50', '0.07');
    const risk = await stack.start();
    await at('0.0014', 4);
    const { equity } = stack.risk.breakers;
    stack.scope = 'Exits';
    stack.record.activeRelease = undefined;
    await at('0.0012', 5);
    expect(written().breakers).toEqual(['DailyLoss']);
    expect(risk.breakers.status()?.tripped).toMatchObject([{ breaker: 'DailyLoss' }]);
    expect(stack.recorded('breaker-daily-loss')).toMatch(/^Reducing/);
    expect(stack.risk.breakers.equity).toEqual(equity);
    await stack.stop();
    // A limit that the settings no longer have leaves.
    stack.settings = { ...stack.settings, breakers: {} };
    await stack.start();
    await at('0.0012', 5);
    expect([written().breakers, stack.recorded('breaker-daily-loss')]).toEqual([
      ['DailyLoss'],
      expect.stringMatching(/^Reducing/),
    ]);
    stack.scope = 'All';
    await at('0.0012', 5);
    expect([written().breakers, stack.recorded('breaker-daily-loss')]).toEqual([[], expect.stringMatching(/^Active/)]);
  });

  it('lifts what a breaker that has left asked for, and not while another release may still be active', async () => {
    const source = 'breaker-daily-loss';
    const asked = { source, state: 'Reducing', author: 'risk', reason: '', revision: 1, sinceMs: 0 } as const;
    stack.record.states.set(source, asked);
    stack.scope = 'Exits';
    await stack.start();
    const requested = async () => {
      await at('0.0014', 5);
      return stack.recorded(source);
    };
    expect(await requested()).toMatch(/^Reducing/);
    stack.scope = 'All';
    expect(await requested()).toMatch(/^Active/);
  });

  it('works exits while no release is active, and trips no breaker without a stored equity', async () => {
    stack.hold('trend', '50', '0.07');
    stack.scope = 'Exits';
    stack.record.activeRelease = undefined;
    await stack.start();
    await at('0.0014', 4);
    await at('0.0012', 5);
    expect(written()).toMatchObject({ stops: ['StopLoss'], breakers: [], equity: false });
    expect(stack.decisions.at(-1)).toMatchObject({ code: 'Approved', order: { side: 'sell' } });
  });
});
