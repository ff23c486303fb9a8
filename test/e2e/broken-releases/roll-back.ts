import { expect } from 'vitest';
import { runCommandLine } from '../../../operator/plugin/wire.ts';
import type { TradingStackStatus } from '../../../operator/api/v1alpha1/trading-stack/status.ts';
import { patchSpec } from '../halt/halt-sources.ts';
import { stackStatus, type Halting } from '../halt/trading-state.ts';
import type { KubectlOptions } from '../kubectl.ts';
import { untilRunning } from '../place.ts';
import { soundBooks, tradingGoesOn } from '../trading.ts';
import { until } from '../until.ts';
import type { Evidence } from '../../judges/invariants.ts';
import type { BrokenRelease } from './broken-release.ts';

/** Guards against hanging only: a rollout to the last tier, its deadline, and the way back, on a loaded machine. */
const WITHIN = { withinMs: 300_000, everyMs: 500 };
/** Of a release that works. */
const PATIENT = { tierDeadlineSeconds: 240, maxParallelTiers: 1 };

export interface RollBackOptions {
  readonly stack: Halting;
  readonly kubectlOptions: KubectlOptions;
  /** Image of the release that runs, and that of the broken one. */
  readonly sound: string;
  readonly broken: string;
}

export interface RolledBack {
  readonly status: TradingStackStatus;
  readonly epochs: readonly number[];
}

/**
 * Rolls out a release that cannot work, and asserts that the stack goes back by itself, trades on with the sender of
 * before, and names the cause and the remedy; and that the spec of before clears that. Returns what runs then, with
 * the senders of the whole time.
 */
export async function rollsBack(release: BrokenRelease, options: RollBackOptions): Promise<RolledBack> {
  const { stack, sound, broken } = options;
  const before = (await stackStatus(stack)).status;
  const good = before.release?.current;
  const startedMs = Date.now();
  const say = (text: string): void => {
    process.stdout.write(`${release.name}: ${text} after ${Math.round((Date.now() - startedMs) / 1_000)} s\n`);
  };
  await patchSpec(stack, { release: { image: broken }, rollout: release.rollout });
  const after = await untilBack(stack, good, say);
  say(`back at release ${good}`);
  reports(after, release);
  senderIsThatOfBefore(before, after, release);
  await explains(release, options);
  await tradingGoesOn(stack.kubectl, stack.place);
  say('orders are filled again');
  await patchSpec(stack, { release: { image: sound }, rollout: PATIENT });
  await untilRunning(stack.kubectl, stack.place);
  const { orders, log } = await soundBooks(stack.kubectl, stack.place);
  say('Running, with sound books');
  const { status } = await stackStatus(stack);
  isCleared(status, good);
  return { status, epochs: epochsAtVenue(orders, log) };
}

/** Epochs of the senders whose orders the venue received, in the order of receipt. */
function epochsAtVenue(orders: Evidence['orders'], log: Evidence['log']): readonly number[] {
  const epochOf = new Map(orders.map((order) => [order.client_order_id, Number(order.epoch)]));
  return log.flatMap(({ kind, clientOrderId = '' }) => (kind === 'placed' ? (epochOf.get(clientOrderId) ?? []) : []));
}

/** Waits until a release that worked runs in all tiers in place of the desired one. */
async function untilBack(
  stack: Halting,
  good: string | undefined,
  say: (text: string) => void,
): Promise<TradingStackStatus> {
  let last = '';
  return await until(
    'the stack to be back at the release before',
    async () => {
      const { status, current } = await stackStatus(stack);
      const line = `${status.phase} ${status.blockedBy ?? ''}`.trim();
      if (line !== last) say(line);
      last = line;
      if (!current || !isBack(status, good)) throw new Error(line);
      return status;
    },
    WITHIN,
  );
}

function isBack({ phase, release, tiers = [] }: TradingStackStatus, good: string | undefined): boolean {
  if (phase !== 'Stalled' || release === undefined) return false;
  const { desired, target, current } = release;
  return desired !== good && target === good && current === good && tiers.every(({ state }) => state === 'Passed');
}

function reports({ release, blockedBy, conditions = [] }: TradingStackStatus, { cause }: BrokenRelease): void {
  const { desired = '', current = '', failed, history = [] } = release ?? {};
  expect(failed).toMatchObject({ release: desired, message: expect.stringMatching(cause) });
  expect(history[0]).toMatchObject({ release: current, reason: 'RolledBack' });
  expect(blockedBy).toMatch(/^release: RolledBack - /);
  expect(conditions.find(({ type }) => type === 'Stalled')).toMatchObject({
    status: 'True',
    reason: 'RolledBack',
    message: expect.stringContaining(`${failed?.message}; release ${current} runs again`),
  });
}

/** A release that never sent leaves the sender alone; one that did costs an epoch for each way. */
function senderIsThatOfBefore(before: TradingStackStatus, after: TradingStackStatus, { sends }: BrokenRelease): void {
  const [then, now] = [before.execution, after.execution];
  expect(now?.active).toBe(then?.active);
  if (sends) expect(now?.epoch).toBeGreaterThanOrEqual((then?.epoch ?? 0) + 2);
  else expect(now?.epoch).toBe(then?.epoch);
}

/** What a person reads who asks why. */
async function explains({ cause, remedy }: BrokenRelease, { stack, kubectlOptions }: RollBackOptions): Promise<void> {
  const { namespace, name } = stack.place;
  const { kubeconfig, context } = kubectlOptions;
  let output = '';
  const write = (text: string): boolean => ((output += text), true);
  const args = ['why', '-n', namespace, name, `--kubeconfig=${kubeconfig}`, `--context=${context}`];
  const exitCode = await runCommandLine(args, { out: { write }, problems: { write } });
  process.stdout.write(output);
  expect(exitCode).toBe(1);
  const [head = '', ...rest] = output.replaceAll(/\s+/g, ' ').split(/ (?=waiting |means |remedy |runbook )/);
  expect(head).toMatch(new RegExp(`^stack ${name} is Stalled └ release `));
  expect(head.replace(/^.*? ago: /, '')).toMatch(cause);
  expect(rest.find((row) => row.startsWith('remedy '))).toContain(remedy);
}

function isCleared({ release, conditions = [] }: TradingStackStatus, good: string | undefined): void {
  expect(release).toMatchObject({ desired: good, target: good, current: good });
  expect(release).not.toHaveProperty('failed');
  expect(conditions.find(({ type }) => type === 'Stalled')?.status).toBe('False');
}
