import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { breakout, cross } from '../fixtures/sample-stack.ts';
import type { Obstacle } from './halt/obstacles/obstacle.ts';
import { missingImage } from './halt/obstacles/missing-image.ts';
import { missingSecret } from './halt/obstacles/missing-secret.ts';
import { operatorRestart } from './halt/obstacles/operator-restart.ts';
import { refusedObject } from './halt/obstacles/refused-object.ts';
import { unreadableSpec } from './halt/obstacles/unreadable-spec.ts';
import { judge, type Verdict } from './halt/halt-verdict.ts';
import { haltSources, patchSpec, type HaltSource } from './halt/halt-sources.ts';
import { createKubectl } from './kubectl.ts';
import { olderManifests, type OlderManifest } from './halt/older-manifests.ts';
import { untilRunning } from './place.ts';
import { tradingGoesOn } from './trading.ts';
import {
  columnsOf,
  runningParts,
  stackStatus,
  untilBlocked,
  untilHalted,
  untilIgnored,
  untilNoneOpen,
  untilRefused,
  untilTradingState,
} from './halt/trading-state.ts';

const { place, kubectlOptions, operatorNamespace } = inject('e2e');
const kubectl = createKubectl(kubectlOptions);
const halting = { kubectl, place };
/** Each holds up or ends a rollout, and so held up a halt that was part of one. */
const [patch, annotate, row, program] = haltSources(halting);
/** Each source is used under an obstacle, and what sets the spec under the one that makes it unreadable. */
const obstacles: readonly { readonly obstacle: Obstacle; readonly source: HaltSource }[] = [
  { obstacle: refusedObject(halting), source: annotate },
  { obstacle: missingSecret(halting), source: row },
  { obstacle: missingImage(halting), source: program },
  { obstacle: unreadableSpec(halting), source: patch },
  { obstacle: operatorRestart(halting, operatorNamespace), source: annotate },
];
const NOTHING_SENT = { afterConfirmation: [], open: [] };

const ordinary = [cross(), breakout()];
/** Changes its mind at nearly every bar, so that a halt that is not obeyed shows within seconds. */
const brisk = cross({ name: 'brisk', parameters: { barSeconds: 1, fastBars: 1, slowBars: 2 }, orderNotional: '0.05' });

let unchanged: object;
beforeAll(async () => {
  await patchSpec(halting, { strategies: [...ordinary, brisk] });
  await untilRunning(kubectl, place);
  await tradingGoesOn(kubectl, place);
  unchanged = await runningParts(halting);
});
afterAll(async () => {
  await liftByHand();
  await patchSpec(halting, { strategies: ordinary });
  await untilRunning(kubectl, place);
});

describe('by each source', () => {
  test.each(haltSources(halting))(
    '$name halts, reduces and resumes without a restart or a new release',
    async (source) => {
      try {
        await haltBy(source);
        await reduceBy(source);
      } finally {
        await source.set('Active');
      }
      await untilTradingState(halting, 'Active');
      expect(await columnsOf(halting)).toBe('Running NotHalted');
      await tradingGoesOn(kubectl, place);
      expect(await runningParts(halting)).toEqual(unchanged);
    },
  );
});

describe('under an obstacle', () => {
  test.each(obstacles)(
    'while $obstacle.name, $source.name halts, reduces and resumes',
    async ({ obstacle, source }) => {
      try {
        await haltUnder(obstacle, source);
      } finally {
        await source.set('Active');
        await obstacle.remove();
      }
      await untilTradingState(halting, 'Active');
      await untilRunning(kubectl, place);
      await tradingGoesOn(kubectl, place);
      expect(await runningParts(halting)).toEqual(unchanged);
    },
  );
});

test("no replace, re-apply, server-side apply or older manifest lifts a person's halt", async () => {
  const manifests = await olderManifests(halting);
  const requestedAtMs = Date.now();
  await patchSpec(halting, { halt: true });
  const confirmedAtMs = await untilHalted(halting);
  for (const manifest of manifests) await isNotLiftedBy(manifest);
  expect(await judge(halting, { requestedAtMs, confirmedAtMs })).toMatchObject(NOTHING_SENT);
  await liftByHand();
  await untilTradingState(halting, 'Active');
  expect((await stackStatus(halting)).status.trading?.ignored).toBeUndefined();
  await tradingGoesOn(kubectl, place);
  expect(await runningParts(halting)).toEqual(unchanged);
});

async function haltBy({ name, source, set }: HaltSource): Promise<void> {
  const requestedAtMs = Date.now();
  await set('Halted');
  const verdict = await judgeHalt(name, requestedAtMs);
  expect(verdict).toMatchObject(NOTHING_SENT);
  const { status } = await stackStatus(halting);
  expect(status.halt).toMatchObject({ active: true, by: source.Halted });
  expect(await columnsOf(halting)).toBe('Running HaltRequested');
}

async function reduceBy(halter: HaltSource): Promise<void> {
  await reduceOnly(halter);
  expect(await columnsOf(halting)).toBe('Running ReducingRequested');
}

async function reduceOnly({ source, set }: HaltSource): Promise<void> {
  const requestedAtMs = Date.now();
  await set('Reducing');
  const confirmedAtMs = await untilTradingState(halting, 'Reducing');
  await untilRefused(halting, 'Reducing', confirmedAtMs);
  const { afterConfirmation, open } = await judge(halting, { requestedAtMs, confirmedAtMs });
  expect([...afterConfirmation, ...open].filter((order) => order.startsWith('buy'))).toEqual([]);
  const { trading, halt } = (await stackStatus(halting)).status;
  expect(halt).toEqual({ active: false });
  expect(trading?.sources).toContainEqual(expect.objectContaining({ source: source.Reducing, state: 'Reducing' }));
}

/** The obstacle stands until the stack has resumed. */
async function haltUnder({ name, raise, blocks }: Obstacle, halter: HaltSource): Promise<void> {
  await raise();
  if (blocks !== undefined) await untilBlocked(halting, blocks);
  const requestedAtMs = Date.now();
  await halter.set('Halted');
  expect(await judgeHalt(`${name}, ${halter.name}`, requestedAtMs)).toMatchObject(NOTHING_SENT);
  expect((await stackStatus(halting)).status.halt).toMatchObject({ active: true, by: halter.source.Halted });
  await reduceOnly(halter);
  await halter.set('Active');
  await untilTradingState(halting, 'Active');
  const { status } = await stackStatus(halting);
  expect(status.halt).toEqual({ active: false });
  if (blocks !== undefined) expect(status.blockedBy).toMatch(blocks);
}

/** Waits for the confirmations of a halt and for a signal that it stopped, and prints how long the halt took. */
async function judgeHalt(what: string, requestedAtMs: number): Promise<Verdict> {
  const confirmedAtMs = await untilHalted(halting);
  const listedAtMs = await untilNoneOpen(halting);
  expect(listedAtMs).toBeGreaterThanOrEqual(requestedAtMs);
  const noneOpenMs = Date.now() - requestedAtMs;
  await untilRefused(halting, 'Halted', confirmedAtMs);
  const verdict = await judge(halting, { requestedAtMs, confirmedAtMs });
  process.stdout.write(
    `${what}: Halted after ${confirmedAtMs - requestedAtMs} ms, no open order after ${noneOpenMs} ms, ` +
      `last order ${verdict.lastOrderMs} ms after the request\n`,
  );
  return verdict;
}

/** Writes a manifest over a halt that a person has set. If it resets the field, the status says why it is ignored. */
async function isNotLiftedBy({ name, resets, manager, write }: OlderManifest): Promise<void> {
  await patchSpec(halting, { halt: true });
  await untilIgnored(halting, (ignored) => ignored === undefined);
  await write();
  const ignored = await untilIgnored(halting, (text) => (text !== undefined) === resets);
  process.stdout.write(`${name}: ${ignored ?? 'the resource keeps the halt'}\n`);
  if (resets) expect(ignored).toMatch(/^spec\.halt is Active .* does not lift the Halted set by kubectl-patch/);
  if (manager !== undefined) expect(ignored).toContain(`written by ${manager}`);
  expect(await columnsOf(halting)).toMatch(/HaltRequested$/);
}

/** A field that a manifest has already reset must change twice, because only a change counts. */
async function liftByHand(): Promise<void> {
  await patchSpec(halting, { halt: true });
  await patchSpec(halting, { halt: false });
}
