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

export interface ApprovalHandlers {
  /** Whether this process is the active sender. Any other reads nothing and leaves the entries to the one that is. */
  readonly isActive: () => boolean;
  /** Takes up the approval of a decision. False when this process ceased to be the sender; the entry stays pending. */
  readonly onApproval: (decisionId: string) => Promise<boolean>;
}

type Kit = Pick<
  StreamConsumerOptions<ApprovedOrderMessage>,
  'blocking' | 'commands' | 'consumer' | 'clock' | 'log' | 'metrics'
>;

/**
 * Tells of every approval by its decision's id, one after the other. A message is a hint: what is sent is what the database has, and what the stream loses
 * the sweep finds. While Postgres is away the same message is offered again.
 */
export function consumeApprovals(kit: Kit, { isActive, onApproval }: ApprovalHandlers): StreamConsumer {
  return createStreamConsumer({
    ...kit,
    streams: [ORDERS_APPROVED],
    group: GROUP,
    sole: true,
    enabled: isActive,
    parse: (json) => approvedOrderMessage.parse(json),
    handle: eachEntry<ApprovedOrderMessage>(async ({ payload }) => {
      const taken = await onApproval(payload.decisionId);
      return taken ? ACK : { kind: 'retry', reason: 'NotActive' };
    }, isPostgresUnavailable),
  });
}
