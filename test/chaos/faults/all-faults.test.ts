import { expect, it } from 'vitest';
import { CATALOGUE } from '../../../services/shared/contracts/catalogue.ts';
import { ALL_FAULTS, DEFAULT_FAULTS, FAULT_GROUPS } from './all-faults.ts';

const names = ALL_FAULTS.map(({ name }) => name);

it('kills, deletes, freezes and cuts off every service that keeps running, and both stores', () => {
  const running = CATALOGUE.filter(({ update }) => update !== 'Job').map(({ name }) => name);
  expect(running).toContain('execution');
  for (const group of ['kill', 'delete', 'freeze', 'cut'])
    for (const target of [...running, 'redis', 'postgres']) expect(names).toContain(`${group}-${target}`);
  expect(names).not.toContain('kill-migrations');
});

it('also kills the operator, and halts in every way', () => {
  const others = ['kill-operator', ...['spec', 'annotation', 'desk', 'command'].map((by) => `halt-${by}`)];
  expect(names).toEqual(expect.arrayContaining(others));
});

it('has a name of its own for each fault, in a group that the help explains', () => {
  expect(new Set(names).size).toBe(names.length);
  expect(new Set(names.map((name) => name.split('-')[0]))).toEqual(new Set(Object.keys(FAULT_GROUPS)));
});

it('strikes in the middle of a swap in every way, and only if that is chosen', () => {
  const peers = ['operator', 'postgres', 'redis', 'venue'].map((peer) => `cut-blue-from-${peer}`);
  const senders = ['kill-blue', 'kill-green', 'freeze-blue', 'freeze-green'];
  const others = ['alone', 'kill-operator', 'halt', 'suspend', 'edit', 'api-server', 'node-restart', 'delete'];
  const swaps = names.filter((name) => name.startsWith('swap-'));
  expect(swaps.toSorted()).toEqual([...senders, ...peers, ...others].map((what) => `swap-${what}`).toSorted());
  expect(names.filter((name) => !DEFAULT_FAULTS.includes(name))).toEqual(swaps);
});
