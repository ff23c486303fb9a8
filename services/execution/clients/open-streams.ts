import type { BookMessage } from '../../shared/contracts/messages/book.ts';
import {
  closeClient,
  createBlockingClient,
  createProducerClient,
  redisCheck,
  type RedisOptions,
} from '../../shared/redis/client.ts';
import { keepFrame } from '../../shared/redis/keep-frame.ts';
import { createPublisher } from '../../shared/redis/publisher.ts';
import { readInstruments } from '../../shared/market/read-instruments.ts';
import { readBooks } from '../../shared/market/read-market.ts';
import type { StreamConsumerOptions } from '../../shared/redis/consumer/stream-consumer.ts';
import { createTrimmers } from '../../shared/redis/consumer/trim.ts';
import { createSharedBudget } from '../store/budget/take-tokens.ts';
import { createSharedEpoch } from '../store/shared-epoch.ts';
import { consumeApprovals, type ApprovalHandlers } from '../store/consume-approvals.ts';

export interface StreamHandlers extends ApprovalHandlers {
  readonly onBook: (book: BookMessage) => void;
}

type Modules = Pick<StreamConsumerOptions<unknown>, 'consumer' | 'clock' | 'log' | 'metrics'>;

/**
 * Opens everything that execution uses in Redis: approvals and books to read, instruments, dead letters, and the
 * connection for the outbox.
 */
export function openStreams(options: Omit<RedisOptions, 'name' | 'log'>, symbols: readonly string[], modules: Modules) {
  const redis = { ...options, name: 'execution', log: modules.log };
  const commands = createProducerClient(redis);
  const publisher = createPublisher(commands);
  return {
    commands,
    check: redisCheck(commands),
    budget: createSharedBudget(commands),
    sharedEpoch: createSharedEpoch(commands),
    keepFrame: async (frame: object) => await keepFrame(publisher, frame),
    readInstruments: async () => await readInstruments(commands),
    close: async () => await closeClient(commands),
    consume: ({ isActive, onApproval, onBook }: StreamHandlers) => ({
      approvals: consumeApprovals(
        { ...modules, commands, blocking: createBlockingClient(redis) },
        { isActive, onApproval },
      ),
      books: readBooks({ ...modules, client: createBlockingClient(redis) }, symbols, onBook),
      trims: createTrimmers('execution', { ...modules, client: commands }),
    }),
  };
}
