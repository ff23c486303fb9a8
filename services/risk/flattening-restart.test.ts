import { beforeEach, expect, it } from 'vitest';
import { ExitStack } from '../../test/harness/exit-stack.ts';
import type { TradingState } from '../shared/domain/trading-state.ts';

let stack: ExitStack;

beforeEach(() => {
  stack = new ExitStack();
});

function request(state: TradingState): void {
  stack.record.restrict('desk', state);
}

it.each(['with an exit under way', 'after the halt', 'after the request was lifted'])(
  'a restart %s loses nothing',
  async (moment) => {
    stack.hold('trend', '30');
    request('Flattening');
    const before = await stack.start();
    await stack.pass(2, before);
    if (moment !== 'with an exit under way') {
      stack.execute();
      await stack.pass(2, before);
      expect(stack.recorded()).toBe('Halted risk 1');
    }
    await stack.stop();
    if (moment === 'after the request was lifted') request('Active');
    const after = await stack.start();
    await stack.pass(3, after);
    expect(stack.record.approvals).toHaveLength(1);
    if (moment === 'with an exit under way') stack.execute();
    await stack.pass(2, after);
    expect(stack.recorded()).toBe(moment === 'after the request was lifted' ? 'Active risk 2' : 'Halted risk 1');
  },
);
