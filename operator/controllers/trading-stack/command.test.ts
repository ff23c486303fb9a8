import { describe, expect, it } from 'vitest';
import type { TradingStateResponse } from '../../../services/shared/contracts/control.ts';
import { createLogger } from '../../../services/shared/runtime/logger.ts';
import type { PostTradingState, TradingStateOutcome } from '../../pods/post-trading-state.ts';
import { sendCommands } from './command.ts';
import type { TradingCommand } from './trading/plan-trading.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const never = new AbortController().signal;

function command(pod: string, state: 'Active' | 'Reducing' | 'Halted', source = 'spec'): TradingCommand {
  const request = { source, state, author: 'kubectl-patch', reason: 'why', revision: 3 };
  return { pod, uid: `uid-${pod}`, ip: '10.0.0.1', service: 'execution', request };
}

const answer = (state: TradingStateResponse['state'], reason = ''): TradingStateResponse => ({
  state,
  sources: [],
  persisted: true,
  openOrders: 0,
  reason,
});

/** Processes that answer with `outcome`, and what they were sent, in order. */
function processes(outcome: (state: string) => TradingStateOutcome | Promise<never>) {
  const sent: string[] = [];
  const postTradingState: PostTradingState = async ({ service }, { source, state }, token) => {
    sent.push(`${service} ${source} ${state} ${token}`);
    return await outcome(state);
  };
  return { sent, options: { postTradingState, log } };
}

describe('sendCommands', () => {
  it('sends the commands to a process in their order, and returns what it answered last', async () => {
    const { sent, options } = processes((state) => ({
      kind: 'Accepted',
      body: answer(state as TradingStateResponse['state']),
    }));
    const commands = [command('a', 'Halted'), command('a', 'Reducing', 'spec-state')];
    const results = await sendCommands(options, commands, 'secret', never);
    expect(sent).toEqual(['execution spec Halted secret', 'execution spec-state Reducing secret']);
    expect(results.get('uid-a')).toEqual({ problem: undefined, trading: answer('Reducing') });
  });

  it('addresses every process at once, so that a silent one delays none', async () => {
    const { sent, options } = processes(async () => await new Promise<never>(() => {}));
    void sendCommands(options, [command('a', 'Halted'), command('b', 'Halted'), command('c', 'Halted')], 't', never);
    await Promise.resolve();
    expect(sent).toHaveLength(3);
  });

  it.each<[string, TradingStateOutcome, object]>([
    [
      'a refused lift, with the state that still applies',
      { kind: 'Refused', status: 409, reason: 'a newer request', body: answer('Halted', 'a newer request') },
      {
        problem: { reason: 'CommandRefused', message: 'a newer request' },
        trading: answer('Halted', 'a newer request'),
      },
    ],
    [
      'a wrong token',
      { kind: 'Refused', status: 401, reason: 'HTTP 401', body: undefined },
      { problem: { reason: 'CommandRefused', message: 'HTTP 401' }, trading: undefined },
    ],
    [
      'no answer',
      { kind: 'Unanswered', reason: 'timed out' },
      { problem: { reason: 'CommandUnanswered', message: 'timed out' }, trading: undefined },
    ],
    ['a lost lease', { kind: 'LeaseLost' }, { problem: undefined, trading: undefined }],
  ])('reports %s', async (_what, outcome, expected) => {
    const { options } = processes(() => outcome);
    const results = await sendCommands(options, [command('a', 'Halted')], 't', never);
    expect(results.get('uid-a')).toEqual(expected);
  });

  it('sends a silent process one request only', async () => {
    const { sent, options } = processes(() => ({ kind: 'Unanswered', reason: 'timed out' }));
    await sendCommands(options, [command('a', 'Halted'), command('a', 'Reducing', 'spec-state')], 't', never);
    expect(sent).toEqual(['execution spec Halted t']);
  });
});
