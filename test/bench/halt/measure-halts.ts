import type { BenchOutput } from '../bench.ts';
import { measureHalt, type HaltSample } from './halt-round.ts';
import type { HaltRun } from './halt-options.ts';
import { OBSTACLES, type Obstacle } from './obstacles.ts';
import { startTradingSystem, type SystemOptions, type TradingSystem } from './trading-system.ts';

/** Halts of one stack, under one obstacle or none. */
export interface Series {
  readonly instruments: number;
  readonly obstacle: string | undefined;
  readonly samples: readonly HaltSample[];
}

export type MeasureOptions = Omit<SystemOptions, 'instruments'> & BenchOutput;

/** Starts a stack for each number of instruments and halts it, without obstacles first. */
export async function measureHalts(run: HaltRun, options: MeasureOptions): Promise<readonly Series[]> {
  const middle = run.instruments[Math.floor((run.instruments.length - 1) / 2)];
  const all: Series[] = [];
  for (const instruments of run.instruments) {
    options.progress(`starting a stack with ${instruments} instruments`);
    const system = await startTradingSystem({ ...options, instruments });
    try {
      const names = [undefined, ...(instruments === middle ? run.obstacles : [])];
      for (const obstacle of names) {
        options.progress(`${instruments} instruments, ${obstacle ?? 'no obstacle'}: ${run.halts} halts`);
        all.push({ instruments, obstacle, samples: await measureSeries(system, obstacle, run.halts) });
      }
    } finally {
      await system.stop();
    }
  }
  return all;
}

const NONE: Obstacle = { summary: '', lasts: 'run', place: async () => await Promise.resolve(async () => {}) };

async function measureSeries(
  system: TradingSystem,
  name: string | undefined,
  halts: number,
): Promise<readonly HaltSample[]> {
  const obstacle = name === undefined ? NONE : (OBSTACLES[name] ?? NONE);
  const samples: HaltSample[] = [];
  const remove = obstacle.lasts === 'run' ? await obstacle.place(system) : async () => {};
  const before = obstacle.lasts === 'halt' ? async () => await obstacle.place(system) : undefined;
  while (samples.length < halts) samples.push(await measureHalt(system, before));
  await remove();
  return samples;
}
