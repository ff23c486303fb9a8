import { expect, it } from 'vitest';
import { undetected } from './undetected.ts';

it('runs seeds until one shows what is wanted, and no further', async () => {
  const seeds: number[] = [];
  const run = async (seed: number) => {
    seeds.push(seed);
    return await Promise.resolve(seed === 3 ? ['I1: twice'] : ['I5: other']);
  };
  expect(await undetected(run, [/^I1/])).toEqual([]);
  expect(seeds).toEqual([0, 1, 2, 3]);
});

it('takes each of several from another seed', async () => {
  const run = async (seed: number) => await Promise.resolve([`I${seed}: broken`]);
  expect(await undetected(run, [/^I7/, /^I2/])).toEqual([]);
});

it('says what no seed shows, and what they show instead', async () => {
  const run = async (seed: number) => await Promise.resolve(seed < 1 ? ['I5: other', 'I2: late'] : []);
  expect(await undetected(run, [/^I5/, /^I1: twice/], 4)).toEqual([
    'no seed from 0 to 3 shows ^I1: twice; they show I5: other; I2: late',
  ]);
});

it('runs 60 seeds, each of them once, before it gives up', async () => {
  const seeds = new Set<number>();
  const run = async (seed: number) => {
    seeds.add(seed);
    return await Promise.resolve([]);
  };
  expect(await undetected(run, [/^I1/])).toEqual(['no seed from 0 to 59 shows ^I1; they show nothing']);
  expect(seeds.size).toBe(60);
});
