import { Worker } from 'node:worker_threads';
import type { ModelName } from '../simulation/models/model-names.ts';
import type { SeedOutcome } from '../simulation/models/seed-outcome.ts';

/** A seed takes about half a second; one that takes this long on a busy machine does not end. */
const SEED_TIMEOUT_MS = 300_000;

/** What modules keep from one seed to the next adds up: 1,500 seeds of the whole stack filled the heap of a thread. */
const SEEDS_PER_THREAD = 250;

export interface SeedThreadOptions {
  readonly model: ModelName;
  readonly file: URL;
  readonly timeoutMs: number;
  /** Seeds after which a new thread runs the next one. */
  readonly seedsPerThread: number;
}

/**
 * A thread that runs one seed at a time. A seed that ends the thread, or that does not end in time, has that as its
 * violation, and the next seed gets a new thread.
 */
export class SeedThread {
  readonly #options: SeedThreadOptions;
  #worker: Worker | undefined;
  /** Seeds that the present thread has run. */
  #seeds = 0;
  /** Receives what ends the current seed: its outcome, or the reason why there is none. */
  #onEnd: (end: SeedOutcome | string) => void = () => {};

  constructor(options: Partial<SeedThreadOptions> & Pick<SeedThreadOptions, 'model'>) {
    this.#options = {
      file: new URL('./seed-worker.ts', import.meta.url),
      timeoutMs: SEED_TIMEOUT_MS,
      seedsPerThread: SEEDS_PER_THREAD,
      ...options,
    };
  }

  /** Never rejects. Call it again only after it has resolved. */
  async run(seed: number): Promise<SeedOutcome> {
    const { timeoutMs, seedsPerThread } = this.#options;
    if (this.#seeds >= seedsPerThread) await this.close();
    this.#seeds += 1;
    const end = await new Promise<SeedOutcome | string>((resolve) => {
      const timer = setTimeout(() => this.#onEnd(`the run did not end within ${timeoutMs} ms`), timeoutMs);
      this.#onEnd = (reached) => {
        clearTimeout(timer);
        resolve(reached);
      };
      this.#worker ??= this.#start();
      // The second argument is the list of what is transferred instead of copied.
      this.#worker.postMessage(seed, []);
    });
    if (typeof end !== 'string') return end;
    await this.close();
    return { seed, violations: [end], seen: [], digest: '' };
  }

  async close(): Promise<void> {
    this.#onEnd = () => {};
    await this.#worker?.terminate();
    this.#worker = undefined;
    this.#seeds = 0;
  }

  #start(): Worker {
    const worker = new Worker(this.#options.file, { execArgv: [], workerData: this.#options.model });
    worker.on('message', (outcome: SeedOutcome) => this.#onEnd(outcome));
    worker.on('error', (error) => this.#onEnd(`the run ended its thread: ${String(error)}`));
    worker.on('exit', (code) => this.#onEnd(`the run ended its thread with code ${code}`));
    return worker;
  }
}
