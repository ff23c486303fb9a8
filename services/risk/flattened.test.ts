import { beforeEach, describe, expect, it } from 'vitest';
import { approvedOrder } from '../../test/fixtures/approved-orders.ts';
import { ExitStack } from '../../test/harness/exit-stack.ts';
import type { TradingState } from '../shared/domain/trading-state.ts';

let stack: ExitStack;

beforeEach(() => {
  stack = new ExitStack();
});

function request(state: TradingState): void {
  stack.record.restrict('desk', state);
}

describe('the halt of the flattening', () => {
  it('comes although dust is left, which is reported', async () => {
    stack.hold('trend', '0.5');
    request('Flattening');
    const risk = await stack.start();
    await stack.pass(2, risk, false);
    expect([stack.decisions, stack.recorded()]).toEqual([[], 'Halted risk 1']);
    expect(risk.exits.flatten()).toMatchObject({ openPositions: 0, problems: [{ reason: 'Dust' }] });
  });

  it('comes only once its request is saved: until then another process may still commit an entry', async () => {
    const risk = await stack.start();
    stack.refusesStates = true;
    risk.states.apply({ source: 'spec-flatten', state: 'Flattening', author: 'ada', reason: '', revision: 1 });
    await stack.pass(5, risk);
    expect(risk.states.state).toBe('Flattening');
    stack.refusesStates = false;
    await stack.pass(3, risk);
    expect(stack.recorded()).toBe('Halted risk 1');
  });

  it('waits for an approval of unknown fate', async () => {
    const risk = await stack.start();
    stack.record.approvals.push(approvedOrder('waiting'));
    request('Flattening');
    await stack.pass(2, risk);
    expect(stack.recorded()).toBeUndefined();
    stack.execute(0n);
    await stack.pass(2, risk);
    expect(stack.recorded()).toBe('Halted risk 1');
  });

  it('is lifted when no source requests Flattening any more, and follows a later request again', async () => {
    request('Flattening');
    const risk = await stack.start();
    await stack.pass(2, risk);
    expect(stack.recorded()).toBe('Halted risk 1');
    request('Active');
    await stack.pass(2, risk);
    expect([stack.recorded(), risk.states.state, risk.exits.flatten()]).toEqual(['Active risk 2', 'Active', null]);
    request('Flattening');
    await stack.pass(2, risk);
    expect(stack.recorded()).toBe('Halted risk 3');
  });

  it('is lifted by the release of risk that decides, or while none is known to decide', async () => {
    request('Flattening');
    const risk = await stack.start();
    await stack.pass(2, risk);
    request('Active');
    stack.scope = 'None';
    await stack.pass(3, risk);
    expect(stack.recorded()).toBe('Halted risk 1');
    stack.scope = 'Exits';
    await stack.pass(2, risk);
    expect(stack.recorded()).toBe('Active risk 2');
  });

  it('stays while another source still requests Flattening', async () => {
    request('Flattening');
    stack.record.restrict('breaker', 'Flattening');
    const risk = await stack.start();
    await stack.pass(2, risk);
    request('Active');
    await stack.pass(2, risk);
    expect([stack.recorded(), risk.states.state]).toEqual(['Halted risk 1', 'Halted']);
  });

  it('never lifts the halt of a person', async () => {
    request('Flattening');
    stack.record.restrict('console', 'Halted');
    const risk = await stack.start();
    await stack.pass(2, risk);
    request('Active');
    await stack.pass(3, risk);
    expect([stack.recorded('console'), risk.states.state]).toEqual(['Halted  0', 'Halted']);
  });

  it('stays when a position appears after it: it is reported, and nothing is decided', async () => {
    request('Flattening');
    const risk = await stack.start();
    await stack.pass(2, risk);
    stack.hold('trend', '30');
    await stack.pass(3, risk);
    expect(risk.exits.flatten()).toMatchObject({ openPositions: 1 });
    expect([stack.decisions, stack.recorded()]).toEqual([[], 'Halted risk 1']);
  });
});
