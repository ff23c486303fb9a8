import { expect, it } from 'vitest';
import { runningStack } from '../../../../test/fixtures/reconciled-stack.ts';
import { withPods } from '../../../../test/fixtures/decided-status.ts';
import type { TradingStatus } from '../../../../services/shared/contracts/control.ts';
import type { ObservedPod } from '../observe/observation.ts';
import { afterCommands } from './after-commands.ts';

const HALTED: TradingStatus = { state: 'Halted', sources: [], persisted: true };
const openOrders = { count: 0, ageMs: 900 };
const observation = withPods(runningStack(), (pod) =>
  pod.service === 'execution' && pod.answer.kind === 'Answered' && pod.answer.statusz.sender !== undefined
    ? {
        ...pod,
        answer: {
          ...pod.answer,
          statusz: { ...pod.answer.statusz, sender: { ...pod.answer.statusz.sender, openOrders } },
        },
      }
    : pod,
);
const uid = observation.pods.find(({ service }) => service === 'execution')?.uid ?? '';

function executionAfter(result: Parameters<typeof afterCommands>[1]): ObservedPod | undefined {
  return afterCommands(observation, result).pods.find((pod) => pod.uid === uid);
}

it('shows the trading state that a process answered with', () => {
  const pod = executionAfter(new Map([[uid, { problem: undefined, trading: HALTED }]]));
  expect(pod?.answer).toMatchObject({ statusz: { trading: HALTED, sender: { role: 'active' } } });
});

it('forgets the open orders of before the command: the venue was asked before the halt', () => {
  const pod = executionAfter(new Map([[uid, { problem: undefined, trading: HALTED }]]));
  expect(pod?.answer).toMatchObject({ statusz: { sender: { openOrders: null } } });
});

it('keeps what a process reported that did not answer the command', () => {
  const problem = { reason: 'CommandUnanswered', message: 'timed out' };
  const pod = executionAfter(new Map([[uid, { problem, trading: undefined }]]));
  expect(pod?.command).toEqual(problem);
  expect(pod?.answer).toMatchObject({ statusz: { trading: { state: 'Active' }, sender: { openOrders } } });
});
