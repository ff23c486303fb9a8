import type { StreamConsumer } from '../../shared/redis/consumer/stream-consumer.ts';
import type { ExitWorker } from '../exit-worker.ts';

/** Takes up what was left to the process that decides from now on: signals, and exits that are due. */
export function takeUp(signals: Pick<StreamConsumer, 'succeed'>, exits: Pick<ExitWorker, 'wake'>): void {
  signals.succeed();
  exits.wake();
}
