import { expect, it, onTestFinished } from 'vitest';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import { createLogger } from '../../../services/shared/runtime/logger.ts';
import type { TradingStateOutcome } from '../../pods/post-trading-state.ts';
import { createRequestSlots } from '../../pods/request-slots.ts';
import { podOf, serviceRelease, stackObservation } from '../../../test/fixtures/stack-observation.ts';
import { createCommandSender } from './command.ts';
import type { TradingCommand } from './trading/commands-to.ts';

const KEY = 'trading/demo';
const EXECUTION = podOf(serviceRelease(stackObservation(), 'execution'));

function halt(change: { readonly ip?: string; readonly revision?: number } = {}): TradingCommand {
  const { ip = '10.0.0.1', revision = 3 } = change;
  const request = { source: 'spec', state: 'Halted', author: 'kubectl-patch', reason: 'why', revision } as const;
  return { pod: EXECUTION.name, uid: EXECUTION.uid, ip, service: 'execution', request };
}

/** A process that answers each command with the next outcome. */
function setup(...outcomes: readonly TradingStateOutcome[]) {
  const clock = virtualClock();
  const sent: string[] = [];
  const sender = createCommandSender({
    postTradingState: async ({ ip }, { revision }) => {
      sent.push(`${ip} ${revision}`);
      const last = { kind: 'Unanswered', reason: 'timed out' } as const;
      return await Promise.resolve(outcomes[sent.length - 1] ?? last);
    },
    slots: createRequestSlots(8),
    clock,
    log: createLogger({ name: 'test', level: 'silent' }),
    onResult: () => undefined,
  });
  onTestFinished(async () => await sender.stop());
  return { clock, sent, sender };
}

it.each<[string, TradingCommand, string]>([
  ['the pod has another address', halt({ ip: '10.0.0.2' }), '10.0.0.2 3'],
  ['the request has another revision', halt({ revision: 4 }), '10.0.0.1 4'],
])('replaces a command at once if %s', async (_what, next, expected) => {
  const { clock, sent, sender } = setup();
  sender.set(KEY, [halt()], 'token');
  await clock.advance(100);
  sender.set(KEY, [next], 'token');
  await clock.advance(100);
  expect(sent).toEqual(['10.0.0.1 3', expected]);
});

it('dates a failure from the first one since the process last answered', async () => {
  const silent = { kind: 'Unanswered', reason: 'timed out' } as const;
  const answer = { state: 'Halted', sources: [], persisted: true, openOrders: 0, reason: '' } as const;
  const { clock, sender } = setup(silent, { kind: 'Accepted', body: { ...answer, sources: [] } }, silent, silent);
  const startedMs = clock.nowMs();
  sender.set(KEY, [halt()], 'token');
  const problem = (): string => sender.resultsOf([EXECUTION]).get(EXECUTION.uid)?.problem?.message ?? '';
  const since = (ms: number): string => `timed out (since ${new Date(startedMs + ms).toISOString()})`;
  await clock.advance(0);
  expect(problem()).toBe(since(0));
  await clock.advance(1_000);
  expect(problem()).toBe('');
  await clock.advance(1_000);
  expect(problem()).toBe(since(2_000));
  await clock.advance(1_000);
  expect(problem()).toBe(since(2_000));
});
