import { describe, expect, it, onTestFinished } from 'vitest';
import { podOf, serviceRelease, stackObservation } from '../../../test/fixtures/stack-observation.ts';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import type { TradingStateResponse } from '../../../services/shared/contracts/control.ts';
import type { TradingState } from '../../../services/shared/domain/trading-state.ts';
import { createLogger } from '../../../services/shared/runtime/logger.ts';
import type { PostTradingState, TradingStateOutcome } from '../../pods/post-trading-state.ts';
import { createRequestSlots } from '../../pods/request-slots.ts';
import { createCommandSender } from './command.ts';
import type { ObservedPod } from './observe/observation.ts';
import type { TradingCommand } from './trading/commands-to.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const KEY = 'trading/demo';
const TOKEN = 'secret';

/** A process has its name as its address, so that the receiver of a command is known. */
function command(pod: string, state: TradingState, source = 'spec', revision = 3): TradingCommand {
  const request = { source, state, author: 'kubectl-patch', reason: 'why', revision };
  return { pod, uid: pod, ip: pod, service: 'execution', request };
}

const answer = (state: TradingState, reason = ''): TradingStateResponse => ({
  state,
  sources: [],
  persisted: true,
  openOrders: 0,
  reason,
});

const execution = podOf(serviceRelease(stackObservation(), 'execution'));
const observed = (uid: string, ageMs = 0): ObservedPod => ({
  ...execution,
  uid,
  answer: execution.answer.kind === 'Answered' ? { ...execution.answer, ageMs } : execution.answer,
});

/** Processes that obey at once, except those whose name starts with `silent`, which do not answer within a second. */
function setup(outcome?: (state: TradingState) => TradingStateOutcome) {
  const clock = virtualClock();
  const sent: string[] = [];
  const woken: string[] = [];
  const postTradingState: PostTradingState = async ({ ip }, { source, state, revision }, token, signal) => {
    sent.push(`${clock.monotonicMs()} ${ip} ${source} ${state} ${revision} ${token}`);
    if (ip.startsWith('silent')) {
      await clock.sleep(1_000, signal).catch(() => undefined);
      return { kind: 'Unanswered', reason: 'timed out' };
    }
    return outcome?.(state) ?? { kind: 'Accepted', body: answer(state) };
  };
  const slots = createRequestSlots(512);
  const onResult = (key: string): unknown => woken.push(`${clock.monotonicMs()} ${key}`);
  const sender = createCommandSender({ postTradingState, slots, clock, log, onResult });
  onTestFinished(async () => await sender.stop());
  return { clock, sent, woken, sender };
}

it('sends every command at once, although one process of each of 100 stacks is silent', async () => {
  const { clock, sent, sender } = setup();
  await clock.advance(10);
  for (let stack = 0; stack < 100; stack += 1) {
    const commands = [command(`silent-${stack}`, 'Halted'), command(`pod-${stack}`, 'Halted')];
    sender.set(`trading/${stack}`, commands, TOKEN);
  }
  await clock.advance(1);
  expect(sent).toHaveLength(200);
  expect(sent.filter((line) => !line.startsWith('10 '))).toEqual([]);
});

it('wakes the stack with the answer, and with the failure of a silent process', async () => {
  const { clock, woken, sender } = setup();
  sender.set(KEY, [command('silent', 'Halted'), command('pod', 'Halted')], TOKEN);
  await clock.advance(1_000);
  expect(woken.slice(0, 2)).toEqual([`0 ${KEY}`, `1000 ${KEY}`]);
  const results = sender.resultsOf([observed('silent'), observed('pod', 2_000)]);
  expect([...results]).toEqual([
    [
      'silent',
      {
        problem: { reason: 'CommandUnanswered', message: 'timed out (since 2026-01-01T00:00:01.000Z)' },
        trading: undefined,
      },
    ],
    ['pod', { problem: undefined, trading: answer('Halted') }],
  ]);
});

describe('a command', () => {
  it('is repeated a second after its result while it is wanted, with the newest token, and not sooner', async () => {
    const { clock, sent, sender } = setup();
    sender.set(KEY, [command('silent', 'Halted')], 'old');
    await clock.advance(500);
    sender.set(KEY, [command('silent', 'Halted')], 'new');
    await clock.advance(1_500);
    expect(sent).toEqual(['0 silent spec Halted 3 old', '2000 silent spec Halted 3 new']);
    sender.set(KEY, [], '');
    await clock.advance(10_000);
    expect(sent).toHaveLength(2);
  });

  it('is replaced at once by a newer one of its source, although it is in flight', async () => {
    const { clock, sent, sender } = setup();
    sender.set(KEY, [command('silent', 'Active', 'spec', 3)], TOKEN);
    await clock.advance(100);
    sender.set(KEY, [command('silent', 'Halted', 'spec', 4)], TOKEN);
    await clock.advance(100);
    expect(sent).toEqual([`0 silent spec Active 3 ${TOKEN}`, `100 silent spec Halted 4 ${TOKEN}`]);
  });

  it('waits until the more restrictive ones to its pod are obeyed', async () => {
    const { clock, sent, sender } = setup();
    const halts = [command('pod', 'Halted'), command('pod', 'Halted', 'annotation')];
    const lift = command('pod', 'Active', 'spec-state');
    sender.set(KEY, [...halts, lift, command('other', 'Active')], TOKEN);
    await clock.advance(1);
    expect(sent.map((line) => line.split(' ').slice(1, 4).join(' '))).toEqual([
      'pod spec Halted',
      'pod annotation Halted',
      'other spec Active',
    ]);
    sender.set(KEY, [lift], TOKEN);
    await clock.advance(1);
    expect(sent.at(-1)).toContain('pod spec-state Active');
  });

  it('of one stack is not ended by those of another', async () => {
    const { clock, sent, sender } = setup();
    sender.set(KEY, [command('silent', 'Halted')], TOKEN);
    sender.set('trading/other', [], TOKEN);
    await clock.advance(2_000);
    expect(sent).toHaveLength(2);
  });

  it('is neither sent nor repeated after stop', async () => {
    const { clock, sent, sender } = setup();
    sender.set(KEY, [command('silent', 'Halted')], TOKEN);
    await clock.advance(1);
    await sender.stop();
    sender.set(KEY, [command('pod', 'Halted')], TOKEN);
    await clock.advance(5_000);
    expect(sent).toHaveLength(1);
  });
});

it('shows since when a process refuses, and asks it again', async () => {
  const { clock, sent, sender } = setup(() => ({ kind: 'Refused', status: 401, reason: 'HTTP 401', body: undefined }));
  sender.set(KEY, [command('pod', 'Halted')], TOKEN);
  await clock.advance(3_500);
  expect(sent).toHaveLength(4);
  const { problem } = sender.resultsOf([observed('pod')]).get('pod') ?? {};
  expect(problem).toEqual({ reason: 'CommandRefused', message: 'HTTP 401 (since 2026-01-01T00:00:00.000Z)' });
});

describe('the result', () => {
  it.each<[string, TradingStateOutcome, object | undefined]>([
    [
      'a refused lift, with the state that still applies',
      { kind: 'Refused', status: 409, reason: 'a newer request', body: answer('Halted', 'a newer request') },
      {
        problem: { reason: 'CommandRefused', message: 'a newer request (since 2026-01-01T00:00:00.000Z)' },
        trading: answer('Halted', 'a newer request'),
      },
    ],
    [
      'a wrong token',
      { kind: 'Refused', status: 401, reason: 'HTTP 401', body: undefined },
      {
        problem: { reason: 'CommandRefused', message: 'HTTP 401 (since 2026-01-01T00:00:00.000Z)' },
        trading: undefined,
      },
    ],
    ['a lost lease', { kind: 'LeaseLost' }, undefined],
  ])('has %s', async (_what, outcome, expected) => {
    const { clock, sender } = setup(() => outcome);
    sender.set(KEY, [command('pod', 'Halted')], TOKEN);
    await clock.advance(1);
    expect(sender.resultsOf([observed('pod', 1_000)]).get('pod')).toEqual(expected);
  });

  it('has an answer only until the process reports its state itself, and a problem while it is wanted', async () => {
    const { clock, sender } = setup();
    sender.set(KEY, [command('pod', 'Halted')], TOKEN);
    await clock.advance(500);
    expect(sender.resultsOf([observed('pod', 500)]).get('pod')).toMatchObject({ trading: { state: 'Halted' } });
    expect(sender.resultsOf([observed('pod', 499)]).size).toBe(0);
  });
});
