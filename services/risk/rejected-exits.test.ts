import { afterEach, beforeEach, expect, it } from 'vitest';
import { ExitStack, type RiskProcess } from '../../test/harness/exit-stack.ts';

let stack: ExitStack;
let risk: RiskProcess;

beforeEach(async () => {
  stack = new ExitStack();
  stack.hold('trend', '50', '0.07');
  risk = await stack.start();
  await stack.pass(1, risk);
  await stack.signal('Flat', risk);
});

afterEach(async () => {
  await stack.stop();
});

/** Returns the seconds between attempts while each ends like this. */
async function gapsOf(seconds: number, end: () => void): Promise<readonly number[]> {
  const at: number[] = [];
  for (let second = 0, before = stack.record.approvals.length; second < seconds; second += 1) {
    end();
    await stack.pass(1, risk);
    if (stack.record.approvals.length > before) at.push(second);
    before = stack.record.approvals.length;
  }
  return at.slice(1).map((second, index) => second - (at[index] ?? 0));
}

const problem = () => risk.exits.exits()?.positions[0];

it('an exit that the venue rejects is named with its code, and repeated after waits that grow to 30 s', async () => {
  const gaps = await gapsOf(300, () => stack.reject('30004'));
  expect(gaps.slice(0, 6)).toEqual([1, 2, 4, 8, 16, 30]);
  expect(new Set(gaps.slice(5))).toEqual(new Set([30]));
  expect(problem()).toMatchObject({ reason: 'ExitRejected' });
  expect(problem()?.message).toMatch(/^the venue rejected order \w+ with code 30004, the last of \d+ attempts/);
});

it('an exit that execution does not send is named with the reason, and repeated every few seconds', async () => {
  const gaps = await gapsOf(60, () => stack.neverSend('NotReconciled'));
  expect(Math.max(...gaps)).toBe(4);
  expect(problem()).toMatchObject({ reason: 'ExitNotSent' });
  expect(problem()?.message).toMatch(/^execution did not send order \w+: NotReconciled, the last of \d+ attempts/);
  await gapsOf(20, () => stack.execute(0n));
  expect(problem()).toMatchObject({ reason: 'ExitUnfilled' });
});

it('exits that execution does not send have one reason, also while the next one has no order yet', async () => {
  const reasons: string[] = [];
  for (let second = 0; second < 60; second += 1) {
    if (second % 2 === 1) stack.neverSend('NotReconciled');
    await stack.pass(1, risk);
    reasons.push(problem()?.reason ?? 'none');
  }
  expect(new Set(reasons.slice(reasons.indexOf('ExitNotSent')))).toEqual(new Set(['ExitNotSent']));
  stack.neverSend('NotReconciled');
  await stack.pass(5, risk);
  const message =
    /^execution did not send order \w+: NotReconciled, the last of \d+ attempts; the approval of sale \w+ of /;
  expect(problem()?.message).toMatch(message);
  const finish = stack.openSale('0');
  await stack.pass(1, risk);
  expect(problem()).toMatchObject({ reason: 'SaleLive' });
  finish();
  await stack.pass(1, risk);
  expect(problem()).toMatchObject({ reason: 'ExitUnfilled' });
});

it('an exit that goes unfilled again after a rejection keeps its short waits', async () => {
  await gapsOf(60, () => stack.reject('30004'));
  const gaps = await gapsOf(60, () => stack.execute(0n));
  expect(Math.max(...gaps)).toBe(4);
  expect(problem()).toMatchObject({ reason: 'ExitUnfilled' });
});

it('a rejection among unfilled exits delays none of them', async () => {
  let count = 0;
  const gaps = await gapsOf(120, () =>
    stack.record.approvals.length % 3 === 0 ? stack.reject('30004') : stack.execute(0n),
  );
  for (const gap of gaps) count += gap > 4 ? 1 : 0;
  expect([gaps.length > 20, count]).toEqual([true, 0]);
});

it('an exit goes on when what became of it cannot be read', async () => {
  stack.rejectionsLocked = true;
  const gaps = await gapsOf(60, () => stack.reject('30004'));
  expect(Math.max(...gaps)).toBe(4);
  expect(stack.logged.map(({ msg }) => msg)).toContain('reading what became of exits failed');
});
