import { approvedOrderMessage, type ApprovedOrderMessage } from '../../shared/contracts/messages/approved-order.ts';
import { ORDERS_APPROVED } from '../../shared/contracts/keys.ts';
import { isPostgresUnavailable } from '../../shared/postgres/errors.ts';
import { ACK, eachEntry } from '../../shared/redis/consumer/settle-batch.ts';
import {
  createStreamConsumer,
  type StreamConsumer,
  type StreamConsumerOptions,
} from '../../shared/redis/consumer/stream-consumer.ts';

const GROUP = 'execution';

type Kit = Pick<
  StreamConsumerOptions<ApprovedOrderMessage>,
  'blocking' | 'commands' | 'consumer' | 'clock' | 'log' | 'metrics'
>;

/**
 * Tells of every approval by its decision's id, one after the other. A message is a hint: what is sent is what the database has, and what the stream loses
 * the sweep finds. While Postgres is away the same message is offered again.
 */
export function consumeApprovals(kit: Kit, onApproval: (decisionId: string) => Promise<void>): StreamConsumer {
  return createStreamConsumer({
    ...kit,
    streams: [ORDERS_APPROVED],
    group: GROUP,
    sole: true,
    parse: (json) => approvedOrderMessage.parse(json),
    handle: eachEntry<ApprovedOrderMessage>(async ({ payload }) => {
      await onApproval(payload.decisionId);
      return ACK;
    }, isPostgresUnavailable),
  });
}
