import { randomInt } from 'node:crypto';
import { expect, it, onTestFinished } from 'vitest';
import { catalogueRow } from '../../../../services/shared/contracts/catalogue.ts';
import { createPodListeners } from './pod-listeners.ts';
import { createStackAnswers, type AnsweringPod } from './stack-answers.ts';

const network = `127.${randomInt(2, 250)}.${randomInt(2, 250)}`;
let hosts = 1;

/** Another one for each test, because `fetch` keeps connections to the servers of those before. */
function newAddress(): string {
  hosts += 1;
  return `${network}.${hosts}`;
}

const risk: AnsweringPod = { uid: 'risk', namespace: 'a', service: 'risk', release: 'r1' };
const execution: AnsweringPod = { ...risk, uid: 'blue', service: 'execution' };

function create() {
  const errors: Error[] = [];
  const listeners = createPodListeners(
    createStackAnswers(() => 0),
    (error) => void errors.push(error),
  );
  onTestFinished(async () => await listeners.stop());
  return { listeners, errors, first: newAddress(), second: newAddress() };
}

async function ask(ip: string, service: AnsweringPod['service'], path: string, body?: object): Promise<unknown> {
  const url = `http://${ip}:${catalogueRow(service).port}${path}`;
  const options = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const answer = await fetch(url, options).catch(() => undefined);
  return answer === undefined ? 'refused' : await answer.json();
}

it('answers for each pod at its own address, and reads commands', async () => {
  const { listeners, first, second } = create();
  listeners.open(risk, first);
  listeners.open(execution, second);
  expect(await ask(first, 'risk', '/statusz')).toMatchObject({ service: 'risk', release: 'r1' });
  expect(await ask(second, 'execution', '/control/activate', { epoch: 3 })).toMatchObject({ accepted: true, epoch: 3 });
  expect(await ask(second, 'execution', '/statusz')).toMatchObject({ sender: { role: 'active', epoch: 3 } });
  expect(listeners.size).toBe(2);
});

it('answers for the newest pod of an address, also when the former one ends after that', async () => {
  const { listeners, errors, first } = create();
  listeners.open(risk, first);
  listeners.open({ ...risk, uid: 'next', release: 'r2' }, first);
  listeners.close('risk');
  expect(await ask(first, 'risk', '/statusz')).toMatchObject({ release: 'r2' });
  expect([listeners.size, errors]).toEqual([1, []]);
});

it('does not answer for a pod that has ended, nor at an address that a pod has left', async () => {
  const { listeners, first, second } = create();
  listeners.open(risk, first);
  listeners.open(risk, second);
  expect(await ask(first, 'risk', '/statusz')).toBe('refused');
  expect(await ask(second, 'risk', '/statusz')).toMatchObject({ service: 'risk' });
  listeners.close('risk');
  expect(await ask(second, 'risk', '/statusz')).toBe('refused');
  expect(listeners.size).toBe(0);
});

it('reports an address that is in use', async () => {
  const [{ listeners, errors, first }, other] = [create(), create()];
  listeners.open(risk, first);
  expect(await ask(first, 'risk', '/statusz')).toMatchObject({ release: 'r1' });
  other.listeners.open(risk, first);
  await expect.poll(() => other.errors.length).toBe(1);
  expect(errors).toEqual([]);
});
