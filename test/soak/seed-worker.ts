import { parentPort, workerData } from 'node:worker_threads';
import type { ModelName } from '../simulation/models/model-names.ts';
import { MODELS } from '../simulation/models/models.ts';
import type { SeedOutcome } from '../simulation/models/seed-outcome.ts';

// A thread that runs one seed of its model after the other: receives a seed, answers with its outcome.

const model = MODELS[workerData as ModelName];
parentPort?.on(
  'message',
  (seed: number) => void outcomeOf(seed).then((outcome) => parentPort?.postMessage(outcome, [])),
);

/** A run that throws has no evidence. That is a violation too. */
async function outcomeOf(seed: number): Promise<SeedOutcome> {
  return await model.run(seed).catch((error: unknown) => {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { seed, violations: [`the run failed: ${reason}`], seen: [], digest: '' };
  });
}
