import { parentPort } from 'node:worker_threads';
import { runLostReplies, type SeedOutcome } from '../simulation/lost-replies.ts';

// A thread that runs one seed after the other: receives a seed, answers with its outcome.

parentPort?.on(
  'message',
  (seed: number) => void outcomeOf(seed).then((outcome) => parentPort?.postMessage(outcome, [])),
);

/** A run that throws has no evidence. That is a violation too. */
async function outcomeOf(seed: number): Promise<SeedOutcome> {
  return await runLostReplies(seed).catch((error: unknown) => {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { seed, violations: [`the run failed: ${reason}`], seen: [], digest: '' };
  });
}
