import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { sendEvent, sendStatus } from '../../../test/harness/kube/fake-api-server.ts';
import {
  configMapOf as map,
  scriptedReflector,
  watching,
  type ReflectorScript,
} from '../../../test/harness/kube/scripted-reflector.ts';

const MINUTE_MS = 60_000;
/** Longer than the audit gives a watch to deliver what the list shows. */
const GRACE_MS = 6_000;

/** A reflector whose watch lasts for the whole test and was opened at version 10. */
async function watched() {
  const parts = await scriptedReflector({ watchTimeoutMs: 3_600_000 });
  parts.reflector.start();
  return { ...parts, watch: await watching(parts.script, 1) };
}

type Watched = Awaited<ReturnType<typeof watched>>;

/** Advances to the audit, while bookmarks keep the watch alive. The last one is at version 28. */
async function untilAudit({ clock, reflector, script, watch }: Watched): Promise<void> {
  for (let minute = 1; minute <= 9; minute += 1) {
    await clock.advance(MINUTE_MS);
    sendEvent(watch, 'BOOKMARK', { metadata: { resourceVersion: `${19 + minute}` } });
    await expect.poll(() => reflector.store.resourceVersion).toBe(`${19 + minute}`);
  }
  expect(script.lists).toBe(1);
  await clock.advance(MINUTE_MS);
  await expect.poll(() => script.lists).toBe(2);
}

it('verifies the cache every 10 min, and keeps a watch that has missed nothing', async () => {
  const parts = await watched();
  const { clock, reflector, script, watch } = parts;
  await untilAudit(parts);
  await expect.poll(() => reflector.ageMs()).toBe(0);
  await clock.advance(GRACE_MS);
  sendEvent(watch, 'ADDED', map('b', '30'));
  await expect.poll(() => script.changes).toEqual(['added ns/a', 'added ns/b']);
  expect([script.watches.length, script.missed]).toEqual([1, []]);
});

it('keeps a working watch while the lists of the audit fail, and audits again', async () => {
  const parts = await watched();
  const { clock, script, watch } = parts;
  const healthy = script.onList;
  script.onList = (response: ServerResponse) => sendStatus(response, 429, { retryAfter: 30 });
  await untilAudit(parts);
  await clock.advance(29_000);
  expect([script.lists, script.failures]).toEqual([2, ['TooManyRequests']]);
  sendEvent(watch, 'ADDED', map('b', '30'));
  await expect.poll(() => script.changes).toEqual(['added ns/a', 'added ns/b']);
  script.items = [map('a', '1'), map('b', '30')];
  script.onList = healthy;
  await clock.advance(2_000);
  await expect.poll(() => script.lists).toBe(3);
  await clock.advance(GRACE_MS);
  expect([script.watches.length, script.missed]).toEqual([1, []]);
});

describe('repairs the cache, and counts one missed change, when the watch has dropped', () => {
  it.each<[string, ReflectorScript['items'], readonly string[]]>([
    ['an added object', [map('a', '1'), map('dropped', '9')], ['added ns/dropped']],
    ['a changed object', [map('a', '8')], ['updated ns/a']],
    ['a deletion', [], ['deleted ns/a']],
  ])('%s', async (_what, items, repairs) => {
    const parts = await watched();
    const { clock, script } = parts;
    script.items = [...items];
    script.version = '29';
    await untilAudit(parts);
    await expect.poll(() => clock.advance(1_000).then(() => script.changes)).toEqual(['added ns/a', ...repairs]);
    expect([script.lists, script.missed]).toEqual([2, [1]]);
    await watching(script, 2);
    expect(script.watches[1]?.query.get('resourceVersion')).toBe('29');
  });

  it('a change, and has delivered later ones that the list does not show', async () => {
    const parts = await watched();
    const { clock, reflector, script, watch } = parts;
    script.items = [map('a', '8')];
    script.version = '28';
    await untilAudit(parts);
    sendEvent(watch, 'ADDED', map('b', '31'));
    await expect.poll(() => reflector.store.resourceVersion).toBe('31');
    script.items = [map('a', '8'), map('b', '31')];
    await expect.poll(() => clock.advance(1_000).then(() => script.lists)).toBe(3);
    await watching(script, 2);
    expect(script.changes).toEqual(['added ns/a', 'added ns/b', 'updated ns/a']);
  });
});

describe('takes no change for missed that the watch delivers', () => {
  it('a moment later than the list shows it', async () => {
    const parts = await watched();
    const { clock, reflector, script, watch } = parts;
    script.items = [map('a', '31'), map('b', '30')];
    script.version = '32';
    await untilAudit(parts);
    sendEvent(watch, 'ADDED', map('b', '30'));
    sendEvent(watch, 'MODIFIED', map('a', '31'));
    await expect.poll(() => reflector.store.resourceVersion).toBe('31');
    await clock.advance(GRACE_MS);
    expect([script.lists, script.watches.length, script.missed]).toEqual([2, 1, []]);
    expect(reflector.ageMs()).toBeLessThanOrEqual(GRACE_MS);
  });

  it('while the list is on its way', async () => {
    const parts = await watched();
    const { clock, reflector, script, watch } = parts;
    const answer = script.onList;
    const held: ServerResponse[] = [];
    script.onList = (response) => void held.push(response);
    await untilAudit(parts);
    // The list that is on its way does not show these changes.
    sendEvent(watch, 'ADDED', map('b', '33'));
    sendEvent(watch, 'DELETED', map('a', '34'));
    await expect.poll(() => reflector.store.resourceVersion).toBe('34');
    held.forEach(answer);
    await clock.advance(GRACE_MS);
    expect([script.lists, script.watches.length, script.missed]).toEqual([2, 1, []]);
  });
});

it('spreads the audits of several caches over a fifth of the interval', async () => {
  const parts = await scriptedReflector({ watchTimeoutMs: 3_600_000, random: () => 0.5 });
  const { clock, reflector, script } = parts;
  reflector.start();
  await watching(parts.script, 1);
  await clock.advance(9 * MINUTE_MS - 1_000);
  expect(script.lists).toBe(1);
  await clock.advance(1_000);
  await expect.poll(() => script.lists).toBe(2);
});

it('ends an audit with the reflector', async () => {
  const parts = await watched();
  const { server, reflector, script } = parts;
  script.onList = () => undefined;
  await untilAudit(parts);
  await reflector.stop();
  await expect.poll(() => server.open()).toBe(0);
});
