import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import { operatorLife, type OperatorLife } from '../../../test/harness/kube/mortal/operator-life.ts';
import { senderViolations } from '../../../test/harness/kube/mortal/sender-violations.ts';
import { SwappedStackByHand } from '../../../test/harness/kube/mortal/swapped-stack-by-hand.ts';
import { testKubeClient } from '../../../test/harness/kube/kube-client.ts';
import type { RunningOperatorOptions } from '../../../test/harness/kube/running-operator.ts';
import { installTradingStackCrd } from '../../../test/harness/kube/trading-stack-crd.ts';
import { systemClock } from '../../../services/shared/runtime/clock.ts';
import type { KubeClient } from '../../kube/client/client.ts';

let admin: KubeClient;
let stack: SwappedStackByHand;
beforeAll(async () => {
  admin = testKubeClient();
  await installTradingStackCrd(admin);
});
afterAll(async () => {
  await admin.close();
});
beforeEach(async () => {
  stack = await SwappedStackByHand.create(admin);
});

const CLAIM_EXPIRES_MS = 4_000;

async function start(life: OperatorLife, installation = 'a/operator'): Promise<void> {
  const options: RunningOperatorOptions = { installation, claimExpiresMs: CLAIM_EXPIRES_MS };
  const operator = await stack.operator(life, options);
  onTestFinished(async () => await operator.stop());
}

/** Installs the stack by a replica that stops after that. */
async function installed(): Promise<void> {
  const installer = await stack.operator(operatorLife(), { installation: 'a/operator' });
  await stack.install();
  await stack.untilSettled(1);
  await installer.stop();
}

async function swap(): Promise<void> {
  await stack.patch({ services: { execution: { resources: { limits: { memory: '400Mi' } } } } });
}

it('ends a swap with one sender while two replicas both believe that they lead', async () => {
  const [first, second] = [operatorLife(), operatorLife()];
  await start(first);
  await start(second);
  await stack.install();
  await stack.untilSettled(1);
  const { before } = stack;
  await swap();
  await stack.untilSettled(before.epoch + 1);
  expect([first.steps, second.steps].every((steps) => steps.length > 0)).toBe(true);
  expect(senderViolations(stack.senders, before)).toEqual([]);
});

it.each(['drain', 'activate'] as const)(
  'ends a swap whose leader loses its lease after the %s, and still runs, by another replica alone',
  async (step) => {
    await installed();
    const { before } = stack;
    const loser = operatorLife(step);
    await start(loser);
    await swap();
    await stack.until('the lease to be lost', () => loser.isOver());
    await start(operatorLife());
    await stack.untilSettled(before.epoch + 1);
    expect(loser.steps.filter((one) => one === step)).toHaveLength(1);
    expect(loser.steps.at(-1)).toBe(step);
    expect(senderViolations(stack.senders, before)).toEqual([]);
  },
);

it('leaves a swap to the installation that claimed the stack, and takes it up after the claim has expired', async () => {
  await installed();
  const { before } = stack;
  const [holder, other] = [operatorLife('drain'), operatorLife()];
  await start(holder, 'a/operator');
  await start(other, 'b/operator');
  await swap();
  await stack.until('the holder to end after the drain', () => holder.isOver());
  const endedMs = systemClock.monotonicMs();
  await stack.until('the other one to write', () => other.steps.length > 0);
  expect(systemClock.monotonicMs() - endedMs).toBeGreaterThan(CLAIM_EXPIRES_MS - 1_500);
  await stack.untilSettled(before.epoch + 1);
  expect((await stack.status()).operator).toBe('b/operator');
  expect(holder.steps.at(-1)).toBe('drain');
  expect(senderViolations(stack.senders, before)).toEqual([]);
});
