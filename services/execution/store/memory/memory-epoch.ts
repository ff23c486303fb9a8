import type { SharedEpoch } from '../../ports.ts';

/** The epoch that was granted last, in memory, for all processes that share it. */
export class MemoryEpoch implements SharedEpoch {
  #epoch: number | undefined;

  readonly read = async () => await Promise.resolve(this.#epoch);

  readonly write = async (epoch: number) => {
    this.#epoch = epoch;
    await Promise.resolve();
  };
}
