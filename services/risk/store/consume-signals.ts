import type { ServiceName } from '../../shared/contracts/catalogue.ts';
import { signalMessage, type SignalMessage } from '../../shared/contracts/messages/signal.ts';
import { SIGNALS } from '../../shared/contracts/keys.ts';
import { inChunks } from '../../shared/redis/consumer/in-chunks.ts';
import { ACK, type BatchHandler } from '../../shared/redis/consumer/settle-batch.ts';
import {
  createStreamConsumer,
  type StreamConsumer,
  type StreamConsumerOptions,
} from '../../shared/redis/consumer/stream-consumer.ts';
import type { SignalIntake } from '../ports.ts';

type ConsumerModules = Pick<
  StreamConsumerOptions<SignalMessage>,
  'blocking' | 'commands' | 'consumer' | 'clock' | 'log' | 'metrics' | 'enabled'
>;

/** The larger a batch, the more of a backlog is conflated at once. A signal has about 300 bytes. */
export const BATCH_SIZE = 1_000;
/**
 * Decisions in one transaction, which reads the account once. More of them hold the lock of the stack and the event
 * loop for longer, and the first one waits for the last.
 */
export const DECISIONS_MAX = 100;

/** A read that waits when another release becomes active may still take signals from it, for so long. */
const BLOCK_MS = 250;
/** Longer than the process of another release takes to learn that it is no longer active, and to end its last read. */
const SUCCEEDS_AFTER_MS = 1_000;

/**
 * Reads signals in batches. Of each batch only the newest valid signal of each strategy and symbol is decided, in
 * order, several in one transaction, and acknowledged after that; the others are acknowledged with it. While Postgres
 * is unavailable, offers the same batch again, and does not repeat the signals that are decided. Gives back to the
 * group those that only the active release may decide.
 */
export function consumeSignals(modules: ConsumerModules, intake: SignalIntake): StreamConsumer {
  return createStreamConsumer({
    ...modules,
    streams: [SIGNALS],
    group: 'risk' satisfies ServiceName,
    batchSize: BATCH_SIZE,
    blockMs: BLOCK_MS,
    succeedsAfterMs: SUCCEEDS_AFTER_MS,
    parse: (json) => signalMessage.parse(json),
    handle: newestOnly(intake),
    subjectOf: intake.keyOf,
  });
}

function newestOnly({ conflate, onSignals, onDropped }: SignalIntake): BatchHandler<SignalMessage> {
  const decide = inChunks<SignalMessage>(DECISIONS_MAX, async (entries) => {
    const problems = await onSignals(entries.map(({ payload }) => payload));
    return entries.map(({ payload }) => problems.get(payload) ?? ACK);
  });
  return async (entries, signal) => {
    const { newest, dropped } = conflate(entries.map(({ payload }) => payload));
    const decided = entries.filter(({ payload }) => newest.has(payload));
    const outcomes = await decide(decided, signal);
    onDropped(dropped);
    const outcomeOf = new Map(decided.map((entry, index) => [entry, outcomes[index]]));
    return entries.map((entry) => outcomeOf.get(entry) ?? ACK);
  };
}
