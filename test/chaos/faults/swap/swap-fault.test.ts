import { expect, it, vi } from 'vitest';
import { scriptedSwap, type Scene, type SwapScript } from './scripted-swap.ts';
import { swapFault, type BegunSwap, type MiddleResult } from './swap-fault.ts';

const colour = (state: string, service: string) => ({ release: '', service, state, ready: 1, desired: 1 });
const transition = { from: 'blue', to: 'green', epoch: 2, startedAt: '2026-01-01T00:00:00Z' };
const blue = colour('active', 's1');
const before = { active: 'blue', epoch: 1, pod: 'demo-execution-blue-1', blue };
const armed = { ...before, green: colour('armed', 's2') };
const recorded = { ...armed, transition };
const taken = { active: 'green', epoch: 2, transition, blue: colour('standby', 's1'), green: colour('active', 's2') };

const release = (desired: string, current: string) => ({ desired, current });
const running: Scene = { status: { phase: 'Running', release: release('r1', 'r1'), execution: before }, orders: ['a'] };
const rolling = (execution: object, orders: readonly string[] = []): Scene => ({
  status: { phase: 'Progressing', release: release('r2', 'r1'), execution },
  orders,
});
const ended: Scene = { status: { phase: 'Running', release: release('r2', 'r2'), execution: taken }, orders: ['c'] };
const swapping = [
  { ...running, isOld: true },
  rolling(before),
  rolling(armed),
  rolling(recorded),
  rolling(taken),
  ended,
];
const failed = { release: 'r2', reason: 'OrdersRejected', message: '', at: '2026-01-01T00:00:00Z' };
const undone: Scene = { status: { phase: 'Stalled', release: { ...release('r2', 'r1'), failed }, execution: before } };

const SOUND: SwapScript = {
  scenesOf: (version) => (version === null ? [running] : swapping),
  epochOf: { a: 1, b: 1, c: 2 },
  fence: { epoch: 2, grantedMs: 2_000 },
};

const nothing = async (): Promise<MiddleResult> => await Promise.resolve({});

async function struck(
  change: Partial<SwapScript> = {},
  { middle = nothing, seconds = 4 }: { middle?: (swap: BegunSwap) => Promise<MiddleResult>; seconds?: number } = {},
) {
  const script = scriptedSwap({ ...SOUND, ...change });
  const options = { seconds, stop: new AbortController().signal };
  let struckAt: object = {};
  const spy = vi.fn<(swap: BegunSwap) => Promise<MiddleResult>>(async (swap) => {
    struckAt = script.seen();
    return await middle(swap);
  });
  const violations = await swapFault('test', spy).strike(script.stack, options);
  return { violations, versions: script.versions, struckAt, middles: spy.mock.calls.map(([swap]) => swap) };
}

it('swaps to another version, and waits for its end', async () => {
  const { violations, versions, middles } = await struck();
  expect(violations).toEqual([]);
  expect(versions).toEqual(['385Mi']);
  expect(middles).toHaveLength(1);
});

it.each([
  ['ready', 5, armed],
  ['chosen', 6, recorded],
  ['in place', 7, taken],
])('strikes once the next sender is %s', async (_what, seconds, execution) => {
  expect((await struck({}, { seconds })).struckAt).toMatchObject({ execution });
});

it('selects the pod that sent before the swap, and the pods of the other colour', async () => {
  const [swap] = (await struck()).middles;
  const common = 'tradingstack.dev/service=execution,tradingstack.dev/stack=chaos,tradingstack.dev/colour=';
  expect([swap?.blue.selector, swap?.green.selector]).toEqual([`${common}blue`, `${common}green`]);
  // Beside the sender there is its spare.
  expect([swap?.blue.pod, swap?.green.pod]).toEqual(['demo-execution-blue-1', undefined]);
});

it('reports what the fault finds, an order of the older epoch, and an overlap in the status', async () => {
  const lastSwap = { from: 'blue', to: 'green', epoch: 2, at: '2026-01-01T00:00:00Z', overlapMs: 3 };
  const overlapping = { ...ended, status: { ...ended.status, execution: { ...taken, lastSwap } }, orders: ['c', 'b'] };
  const { violations } = await struck(
    {
      scenesOf: (version) => (version === null ? [running] : [...swapping.slice(0, -1), overlapping]),
      fence: { epoch: 2, grantedMs: 3_000 },
    },
    { middle: async () => await Promise.resolve({ violations: ['I10: late'] }) },
  );
  expect(violations).toEqual([
    'I10: late',
    'I3: 1 orders of older epochs came after the first one of epoch 2',
    'I3: the status reports an overlap of 3 ms',
  ]);
});

it('reports an order of a sender that was stopped', async () => {
  const late = [...swapping.slice(0, -2), rolling(taken, ['b']), ended];
  const { violations } = await struck(
    { scenesOf: (version) => (version === null ? [running] : late), fence: { epoch: 2, grantedMs: 2_900 } },
    { middle: async () => await Promise.resolve({ resumedMs: 3_000 }) },
  );
  expect(violations).toEqual([
    'I3: placed order b of epoch 1 came by a sender that had been stopped, 1100 ms after epoch 2 was granted',
  ]);
});

it('gives up a release that failed in its swap, once, and returns to the version before', async () => {
  const back = [
    { ...undone, isOld: true },
    { ...running, status: { ...running.status, execution: before } },
  ];
  const failing = [{ ...running, isOld: true }, rolling(armed), undone];
  let changes = 0;
  const { violations, versions } = await struck({
    scenesOf: (version) => {
      if (version === null) return (changes += 1) === 1 ? [running] : back;
      return failing;
    },
    fence: { epoch: 1, grantedMs: 500 },
  });
  expect(violations).toEqual([]);
  expect(versions).toEqual(['385Mi', null]);
});
