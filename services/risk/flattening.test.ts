import { beforeEach, describe, expect, it } from 'vitest';
import { approvedOrder } from '../../test/fixtures/approved-orders.ts';
import { ExitStack, SYMBOL } from '../../test/harness/exit-stack.ts';
import { intendedOrder } from '../execution/core/order-record.ts';
import { parseDecimal, ZERO } from '../shared/domain/decimal.ts';
import type { TradingState } from '../shared/domain/trading-state.ts';
import { statuszSchema } from '../shared/contracts/statusz.ts';

let stack: ExitStack;

beforeEach(() => {
  stack = new ExitStack();
});

function request(state: TradingState): void {
  stack.record.restrict('desk', state);
}

describe('while Flattening', () => {
  it('sells each position once, on the record and with an approval, and halts when they are closed', async () => {
    stack.hold('trend', '30');
    stack.hold('retired', '20');
    const risk = await stack.start();
    await stack.pass(2, risk);
    expect([stack.decisions, risk.exits.flatten()]).toEqual([[], null]);
    request('Flattening');
    await stack.pass(3, risk);
    expect(
      stack.decisions.map((one) => [one?.code, one?.order?.strategy, one?.order?.side, one?.order?.quantity]),
    ).toEqual([
      ['Approved', 'trend', 'sell', '30'],
      ['Approved', 'retired', 'sell', '20'],
    ]);
    expect(stack.published).toEqual(stack.decisions.map((one) => one?.order?.decisionId));
    expect(risk.exits.flatten()).toEqual({ openPositions: 2, problems: [] });
    expect(stack.recorded()).toBeUndefined();
    stack.execute();
    await stack.pass(2, risk);
    expect([stack.recorded(), risk.states.state]).toEqual(['Halted risk 1', 'Halted']);
    expect(stack.record.states.get('flatten')?.reason).toBe('every position is closed');
    expect(risk.exits.flatten()).toEqual({ openPositions: 0, problems: [] });
    expect(stack.decisions).toHaveLength(2);
  });

  it('tries an exit that was not filled again, after growing waits', async () => {
    stack.hold('trend', '30');
    request('Flattening');
    const risk = await stack.start();
    const attempts: number[] = [];
    for (let second = 0; second < 60; second += 1) {
      await stack.pass(1, risk);
      if (stack.record.approvals.length > attempts.length) attempts.push(second);
      stack.execute(0n);
    }
    const pauses = attempts.slice(1).map((at, index) => at - (attempts[index] ?? 0));
    expect(attempts.length).toBeGreaterThan(4);
    expect(pauses).toEqual(pauses.toSorted((a, b) => a - b));
    expect(Math.max(...pauses)).toBe(4);
    expect(risk.exits.flatten()?.problems).toMatchObject([{ strategy: 'trend', reason: 'ExitUnfilled' }]);
  });

  it('reports a sale as a problem once it has lived for a minute', async () => {
    stack.hold('trend', '30');
    request('Flattening');
    const risk = await stack.start();
    await stack.pass(2, risk);
    stack.openSale('10');
    stack.hold('trend', '20');
    await stack.pass(57, risk);
    expect(risk.exits.flatten()).toEqual({ openPositions: 1, problems: [] });
    await stack.pass(4, risk);
    const message = expect.stringMatching(/^sale \w+ of \S+ is PartiallyFilled: 10 of 30 are filled$/);
    const problem = { strategy: 'trend', symbol: SYMBOL, reason: 'SaleLive', message };
    expect(risk.exits.flatten()).toEqual({ openPositions: 1, problems: [problem] });
  });

  it.each(['CancelPending', 'Open', 'Submitted'] as const)(
    'sells all but what a sale may have sold that stays %s, and never more than is held',
    async (kind) => {
      stack.hold('trend', '50');
      const risk = await stack.start();
      const order = approvedOrder('lost', { side: 'sell', quantity: parseDecimal('1') });
      const intent = intendedOrder({ order, instrument: undefined, epoch: 1, intendedAtMs: stack.clock.nowMs() });
      stack.record.orders.set(order.clientOrderId, { ...intent, state: { kind, venueOrderId: 'v', filled: ZERO } });
      request('Flattening');
      await stack.pass(29, risk);
      expect(stack.record.approvals).toEqual([]);
      await stack.pass(2, risk);
      stack.execute();
      await stack.pass(120, risk);
      expect(stack.record.approvals).toMatchObject([{ quantity: parseDecimal('49') }]);
      const message = expect.stringMatching(new RegExp(`is ${kind}: 0 of 1 are filled$`)) as string;
      expect(risk.exits.flatten()?.problems).toMatchObject([{ reason: 'SaleLive', message }]);
    },
  );

  it('has our own bid cancelled that is in the way, reports it, and sells once it has ended', async () => {
    stack.hold('trend', '30');
    request('Flattening');
    const risk = await stack.start();
    const endBid = stack.restBid();
    await stack.pass(2, risk);
    expect([stack.decisions, stack.record.cancels.ids().size]).toEqual([[], 1]);
    const problem = { strategy: 'trend', symbol: SYMBOL, reason: 'SelfTrade' };
    expect(risk.exits.flatten()).toMatchObject({ openPositions: 1, problems: [problem] });
    endBid();
    await stack.pass(1, risk);
    expect(stack.record.approvals).toHaveLength(1);
  });

  it('neither sells nor halts without a price, says so, and goes on when there is one', async () => {
    stack.hold('trend', '30');
    request('Flattening');
    const risk = await stack.start();
    await stack.pass(30, risk, false);
    expect([stack.decisions, stack.recorded()]).toEqual([[], undefined]);
    expect(risk.exits.flatten()).toMatchObject({ openPositions: 1, problems: [{ reason: 'FeedStale' }] });
    await stack.pass(2, risk);
    expect(stack.record.approvals).toHaveLength(1);
  });

  it('sends nothing while another source halts, and goes on when that halt is lifted', async () => {
    stack.hold('trend', '30');
    request('Flattening');
    stack.record.restrict('console', 'Halted');
    const risk = await stack.start();
    await stack.pass(3, risk);
    expect([stack.decisions, stack.recorded(), risk.exits.flatten()]).toEqual([[], undefined, null]);
    stack.record.restrict('console', 'Active');
    await stack.pass(2, risk);
    expect(stack.record.approvals).toHaveLength(1);
  });

  it('has two processes of a rolling update decide one exit', async () => {
    stack.hold('trend', '30');
    request('Flattening');
    const [first, second] = [await stack.start(), await stack.start()];
    for (let round = 0; round < 5; round += 1) {
      await stack.pass(1, first);
      await second.states.load();
    }
    expect(stack.record.approvals).toHaveLength(1);
    stack.execute();
    await stack.pass(2, first);
    expect(stack.recorded()).toBe('Halted risk 1');
  });

  it('reports nothing while the account cannot be read, instead of what it was', async () => {
    stack.hold('trend', '30');
    request('Flattening');
    const risk = await stack.start();
    await stack.pass(2, risk);
    expect(risk.exits.flatten()).not.toBeNull();
    stack.down = true;
    await stack.pass(2, risk);
    expect(risk.exits.flatten()).toBeNull();
  });

  it('reports problems within the bounds of /statusz', async () => {
    stack.hold('trend', '30');
    request('Flattening');
    const risk = await stack.start();
    await stack.pass(2, risk, false);
    expect(statuszSchema.shape.flatten.safeParse(risk.exits.flatten()).success).toBe(true);
    expect(statuszSchema.shape.exits.safeParse(risk.exits.exits()).success).toBe(true);
  });
});
