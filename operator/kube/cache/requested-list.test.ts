import type { ServerResponse } from 'node:http';
import { expect, it } from 'vitest';
import { sendStatus } from '../../../test/harness/kube/fake-api-server.ts';
import { scriptedReflector } from '../../../test/harness/kube/scripted-reflector.ts';

/** A reflector whose lists have failed for a minute, so that it waits for 30 s now; and what makes them succeed. */
async function afterOutage() {
  const parts = await scriptedReflector();
  const { clock, reflector, script } = parts;
  const heal = { onList: script.onList };
  script.onList = (response) => sendStatus(response, 500);
  reflector.start();
  await expect
    .poll(() => clock.advance(100).then(() => script.failures.length), { timeout: 20_000, interval: 1 })
    .toBe(7);
  await clock.advance(5_000);
  expect(script.lists).toBe(7);
  return { ...parts, heal: () => Object.assign(script, heal) };
}

it('lists within a second of a request, however long it would have waited', async () => {
  const { clock, reflector, script, heal } = await afterOutage();
  heal();
  let done = false;
  const relisted = reflector.relisted().then(() => (done = true));
  await clock.advance(1_000);
  await expect.poll(() => done).toBe(true);
  await relisted;
  expect(script.lists).toBe(8);
});

it('starts over with short waits after a requested list has failed', async () => {
  const { clock, reflector, script, heal } = await afterOutage();
  const relisted = reflector.relisted();
  await expect.poll(() => script.failures.length).toBe(8);
  heal();
  await clock.advance(800);
  await relisted;
  expect(script.lists).toBe(9);
});

it('lists within a second of the failure of a list that was on its way when another was requested', async () => {
  const { clock, reflector, script, heal } = await afterOutage();
  const held: ServerResponse[] = [];
  script.onList = (response) => void held.push(response);
  await clock.advance(25_000);
  await expect.poll(() => held.length).toBe(1);
  const relisted = reflector.relisted();
  held.forEach((response) => sendStatus(response, 500));
  await expect.poll(() => script.failures.length).toBe(8);
  heal();
  await clock.advance(800);
  await expect.poll(() => script.lists).toBe(9);
  await relisted;
});

it('does not list more often than after a first failure, however often it is asked', async () => {
  const { clock, reflector, script } = await afterOutage();
  for (let request = 0; request < 80; request += 1) {
    reflector.requestRelist();
    await clock.advance(100);
    await expect.poll(() => script.failures.length).toBe(script.lists);
  }
  expect(script.lists).toBeLessThanOrEqual(7 + 11);
});

it('lists only after the time for which the server asks to wait', async () => {
  const { clock, reflector, script } = await scriptedReflector();
  script.onList = (response) => sendStatus(response, 429, { retryAfter: 20 });
  reflector.start();
  await expect.poll(() => script.failures.length).toBe(1);
  reflector.requestRelist();
  await clock.advance(19_999);
  expect(script.lists).toBe(1);
  await clock.advance(1);
  await expect.poll(() => script.lists).toBe(2);
});
