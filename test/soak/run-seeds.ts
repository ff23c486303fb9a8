import type { SeedOutcome } from '../simulation/models/seed-outcome.ts';
import { SeedThread, type SeedThreadOptions } from './seed-thread.ts';
import type { ModelName } from '../simulation/models/model-names.ts';
import type { SoakOptions } from './soak-arguments.ts';

export interface RunSeedsOptions extends Omit<SoakOptions, 'models'> {
  readonly model: ModelName;
  /** Called with each outcome as soon as it is known, in no particular order. */
  readonly onOutcome: (outcome: SeedOutcome) => void;
  readonly thread?: Partial<SeedThreadOptions>;
}

/** Runs every seed of the model once, `jobs` at a time, each job in a thread of its own. */
export async function runSeeds({ model, seeds, from, jobs, onOutcome, thread }: RunSeedsOptions): Promise<void> {
  let next = from;
  const work = async (): Promise<void> => {
    const one = new SeedThread({ ...thread, model });
    while (next < from + seeds) {
      const seed = next;
      next += 1;
      onOutcome(await one.run(seed));
    }
    await one.close();
  };
  await Promise.all(Array.from({ length: Math.min(jobs, seeds) }, work));
}
