import { env } from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { differences, type DescribedObjects } from '../../../test/harness/kube/mortal/namespace-objects.ts';
import { operatorLife } from '../../../test/harness/kube/mortal/operator-life.ts';
import { senderViolations } from '../../../test/harness/kube/mortal/sender-violations.ts';
import { SwappedStackByHand } from '../../../test/harness/kube/mortal/swapped-stack-by-hand.ts';
import { testKubeClient } from '../../../test/harness/kube/kube-client.ts';
import { installTradingStackCrd } from '../../../test/harness/kube/trading-stack-crd.ts';
import type { KubeClient } from '../../kube/client/client.ts';

// The operator ends after its n-th write or command, for each n of a change, and another one takes up from what the API
// server and the processes have. OPERATOR_ENDS=every tries each n; an ordinary run tries every few.

let admin: KubeClient;
beforeAll(async () => {
  admin = testKubeClient();
  await installTradingStackCrd(admin);
});
afterAll(async () => {
  await admin.close();
});

const isEvery = env['OPERATOR_ENDS'] === 'every';
const strideOf = (ordinary: number): number => (isEvery ? 1 : ordinary);
const PATIENCE_MS = isEvery ? 3_600_000 : 300_000;
/** No change takes as many steps. A change that goes on for longer never comes to its end. */
const STEPS_MAX = 200;

/** One kind of change, made repeatedly with other values. */
interface Change {
  /** Makes it for the n-th time. */
  readonly make: (stack: SwappedStackByHand, turn: number) => Promise<void>;
  /** Words that name what it changes to, and what it changes from. */
  readonly words: (turn: number) => readonly [string, string];
}

const memory = (turn: number): string => `${400 + turn}Mi`;
const version = (turn: number): string => `${100 + turn}.0.0`;

const SWAP: Change = {
  make: async (stack, turn) =>
    await stack.patch({ services: { execution: { resources: { limits: { memory: memory(turn) } } } } }),
  words: (turn) => [memory(turn), memory(turn - 1)],
};
const UPGRADE: Change = {
  make: async (stack, turn) =>
    await stack.patch({
      release: { image: `registry.example.com/tradingstack:${version(turn)}`, version: version(turn) },
    }),
  words: (turn) => [version(turn), version(turn - 1)],
};

const rolesOf = ([to, from]: readonly [string, string]) => ({ [to]: 'the new one', [from]: 'the old one' });

interface Expected {
  readonly objects: DescribedObjects;
  /** Writes and commands of the undisturbed run. */
  readonly steps: number;
}

/** Makes a change whose operator ends after so many steps. Returns false if it lived to see the end of the change. */
async function endedAfter(steps: number, stack: SwappedStackByHand, make: () => Promise<void>, expected: Expected) {
  const { before } = stack;
  const mortal = operatorLife(steps);
  const first = await stack.operator(mortal);
  await make();
  await stack.until(
    'the operator to end, or the change',
    async () => mortal.isOver() || (await stack.isSettled(before.epoch + 1)),
  );
  const hasEnded = mortal.isOver();
  await first.stop();
  const successor = operatorLife();
  const second = await stack.operator(successor);
  await stack.untilSettled(before.epoch + 1);
  await stack.until('an order of the next sender', () => stack.senders.orders.at(-1)?.epoch === stack.epoch);
  await stack.until('the operator to be idle', () => second.controller.idle());
  await second.stop();
  expect(mortal.steps.length + successor.steps.length).toBeLessThanOrEqual(1.5 * expected.steps + 10);
  expect(senderViolations(stack.senders, before)).toEqual([]);
  return hasEnded;
}

it(
  'operators that end after one step each bring a swap to its end together',
  async () => {
    const stack = await SwappedStackByHand.create(admin);
    await stack.undisturbed(async () => await stack.install());
    await stack.undisturbed(async () => await SWAP.make(stack, 0));
    await stack.undisturbed(async () => await SWAP.make(stack, 1));
    const objects = await stack.objects(rolesOf(SWAP.words(1)));
    const { before } = stack;
    await SWAP.make(stack, 2);
    for (let lives = 0; !(await stack.isSettled(before.epoch + 1)); lives += 1) {
      expect(lives).toBeLessThan(STEPS_MAX);
      const life = operatorLife(1);
      const operator = await stack.operator(life);
      await stack.until(
        'the operator to end, or the swap',
        async () => life.isOver() || (await stack.isSettled(before.epoch + 1)),
      );
      await operator.stop();
    }
    expect(senderViolations(stack.senders, before)).toEqual([]);
    expect(differences(await stack.objects(rolesOf(SWAP.words(2))), objects)).toEqual([]);
  },
  PATIENCE_MS,
);

describe.each([
  ['swap', SWAP, 5],
  ['upgrade of every tier', UPGRADE, 23],
] as const)('an operator that ends in a %s', (_what, { make, words }, ordinary) => {
  it(
    'leaves a stack that another one brings to the same end, whatever it wrote last',
    async () => {
      const stack = await SwappedStackByHand.create(admin);
      await stack.undisturbed(async () => await stack.install());
      await stack.undisturbed(async () => await make(stack, 0));
      const life = await stack.undisturbed(async () => await make(stack, 1));
      const objects = await stack.objects(rolesOf(words(1)));
      const expected = { objects, steps: life.steps.length };
      for (let steps = 0, turn = 2; steps < STEPS_MAX; steps += strideOf(ordinary), turn += 1) {
        const hasEnded = await endedAfter(steps, stack, async () => await make(stack, turn), expected);
        expect(differences(await stack.objects(rolesOf(words(turn))), objects), `after ${steps} steps`).toEqual([]);
        const { kept, named } = await stack.records();
        expect(kept).toEqual(named);
        if (!hasEnded) return;
      }
      throw new Error(`the change has more than ${STEPS_MAX} steps`);
    },
    PATIENCE_MS,
  );
});

it(
  'an operator that ends in a first install leaves a stack that another one brings to the same end',
  async () => {
    const undisturbed = await SwappedStackByHand.create(admin);
    const life = await undisturbed.undisturbed(async () => await undisturbed.install());
    const expected = { objects: await undisturbed.objects(), steps: life.steps.length };
    for (let steps = 0; steps < STEPS_MAX; steps += strideOf(31)) {
      const stack = await SwappedStackByHand.create(admin);
      const hasEnded = await endedAfter(steps, stack, async () => await stack.install(), expected);
      expect(differences(await stack.objects(), expected.objects), `after ${steps} steps`).toEqual([]);
      if (!hasEnded) return;
    }
    throw new Error(`an install has more than ${STEPS_MAX} steps`);
  },
  PATIENCE_MS,
);
