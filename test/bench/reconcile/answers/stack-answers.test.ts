import { expect, it } from 'vitest';
import {
  activateResponse,
  drainResponse,
  tradingStateResponse,
} from '../../../../services/shared/contracts/control.ts';
import { CATALOGUE } from '../../../../services/shared/contracts/catalogue.ts';
import { statuszSchema } from '../../../../services/shared/contracts/statusz.ts';
import { createStackAnswers, type AnsweringPod, type StackAnswers } from './stack-answers.ts';

const blue: AnsweringPod = { uid: 'blue', namespace: 'a', service: 'execution', release: 'r1' };
const green: AnsweringPod = { ...blue, uid: 'green', release: 'r2' };
const risk: AnsweringPod = { ...blue, uid: 'risk', service: 'risk' };

const create = (): StackAnswers => createStackAnswers(() => 1_000);
const statusOf = (answers: StackAnswers, pod: AnsweringPod) =>
  statuszSchema.parse(answers.answer(pod, '/statusz', undefined).body);

it.each(CATALOGUE.map(({ name }) => name))(
  'answers for %s as the contract says, with the release of the pod',
  (service) => {
    const status = statusOf(create(), { ...blue, service });
    expect(status).toMatchObject({ service, release: 'r1', ready: true });
    expect(status.checks.every(({ ok }) => ok)).toBe(true);
    expect(status.sender?.role).toBe(service === 'execution' ? 'armed' : undefined);
    expect(status.trading?.state).toBe(['risk', 'execution'].includes(service) ? 'Active' : undefined);
  },
);

it('lets one process send: the next takes the fence with a higher epoch only', () => {
  const answers = create();
  const activate = (pod: AnsweringPod, epoch: number) => {
    const { status, body } = answers.answer(pod, '/control/activate', { epoch });
    return [status, activateResponse.parse(body).accepted];
  };
  expect(activate(blue, 1)).toEqual([200, true]);
  expect(activate(blue, 1)).toEqual([200, true]);
  expect(activate(green, 1)).toEqual([409, false]);
  expect(activate(green, 2)).toEqual([200, true]);
  expect(activate(blue, 3)).toEqual([409, false]);
  expect(statusOf(answers, blue).sender).toMatchObject({ role: 'fenced', fenceEpoch: 2 });
  expect(statusOf(answers, green).sender).toMatchObject({ role: 'active', epoch: 2, maySend: true });
});

it('drains the process that holds the epoch, which may then be activated again', () => {
  const answers = create();
  const drain = (epoch: number) => {
    const { status, body } = answers.answer(blue, '/control/drain', { epoch });
    return [status, drainResponse.parse(body).drained];
  };
  answers.answer(blue, '/control/activate', { epoch: 1 });
  expect(drain(2)).toEqual([409, false]);
  expect(drain(1)).toEqual([200, true]);
  expect(drain(1)).toEqual([200, true]);
  expect(statusOf(answers, blue).sender).toMatchObject({ role: 'standby', epoch: 0 });
  expect(answers.answer(blue, '/control/activate', { epoch: 2 }).status).toBe(200);
});

it('keeps a trading state for the stack, and refuses an older lift', () => {
  const answers = create();
  const set = (state: string, revision: number) => {
    const request = { source: 'spec', state, author: '', reason: '', revision };
    const { status, body } = answers.answer(risk, '/control/halt', request);
    return [status, tradingStateResponse.parse(body).state];
  };
  expect(set('Halted', 2)).toEqual([200, 'Halted']);
  expect(set('Active', 1)).toEqual([409, 'Halted']);
  expect(statusOf(answers, blue).trading).toMatchObject({ state: 'Halted', sources: [{ sinceMs: 1_000 }] });
  expect(statusOf(answers, { ...blue, namespace: 'b' }).trading?.state).toBe('Active');
  expect(set('Active', 3)).toEqual([200, 'Active']);
});

it('forgets a pod that has ended, and not the fence', () => {
  const answers = create();
  answers.answer(blue, '/control/activate', { epoch: 4 });
  answers.forget(blue);
  expect(statusOf(answers, blue).sender).toMatchObject({ role: 'armed', epoch: 0, fenceEpoch: 4 });
});

it('has no other path', () => {
  expect(create().answer(blue, '/livez', undefined).status).toBe(404);
});
