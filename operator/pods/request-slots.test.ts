import { expect, it } from 'vitest';
import { createRequestSlots, type SlotKind } from './request-slots.ts';

const never = new AbortController().signal;

/** Slots of which every request is held until the test releases it. */
function heldSlots(total: number) {
  const slots = createRequestSlots(total);
  const held: { readonly name: string; readonly release: () => void }[] = [];
  const take = async (name: string, kind: SlotKind, signal = never): Promise<void> => {
    const release = await slots.take(kind, signal);
    held.push({ name, release });
  };
  return {
    names: () => held.map(({ name }) => name),
    releaseFirst: () => held.shift()?.release(),
    ask: (name: string, kind: SlotKind, signal = never) =>
      void take(name, kind, signal).catch(() => held.push({ name: `${name} rejected`, release: () => undefined })),
  };
}

async function settled(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
}

it('keeps a quarter of the slots for processes that answer, and another for new ones', async () => {
  const { ask, names } = heldSlots(8);
  for (let index = 1; index <= 9; index += 1) {
    ask(`silent${index}`, 'Silent');
    ask(`new${index}`, 'New');
    ask(`answering${index}`, 'Answering');
  }
  await settled();
  expect(names()).toEqual([
    'silent1',
    'new1',
    'answering1',
    'silent2',
    'new2',
    'answering2',
    'answering3',
    'answering4',
  ]);
});

it('admits those that wait in the order of their kind, then of their arrival', async () => {
  const { ask, names, releaseFirst } = heldSlots(1);
  for (const kind of ['Answering', 'Silent', 'New', 'Answering'] as const) ask(kind, kind);
  ask('Silent2', 'Silent');
  const seen: string[] = [];
  for (let round = 0; round < 5; round += 1) {
    await settled();
    seen.push(...names());
    releaseFirst();
  }
  expect(seen).toEqual(['Answering', 'Answering', 'New', 'Silent', 'Silent2']);
});

it('withdraws a request that is aborted while it waits, without using a slot', async () => {
  const { ask, names, releaseFirst } = heldSlots(1);
  const abort = new AbortController();
  ask('first', 'Answering');
  ask('second', 'Answering', abort.signal);
  ask('third', 'Silent');
  await settled();
  abort.abort(new Error('stopped'));
  await settled();
  expect(names()).toEqual(['first', 'second rejected']);
  releaseFirst();
  await settled();
  expect(names()).toEqual(['second rejected', 'third']);
});

it('rejects a request that is aborted already', async () => {
  await expect(createRequestSlots(1).take('New', AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped');
});
