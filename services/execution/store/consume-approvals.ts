import type { ServiceName } from '../../shared/contracts/catalogue.ts';
import { approvedOrderMessage, type ApprovedOrderMessage } from '../../shared/contracts/messages/approved-order.ts';
import { ORDERS_APPROVED } from '../../shared/contracts/keys.ts';
import { isPostgresUnavailable } from '../../shared/postgres/errors.ts';
import { ACK, eachEntry } from '../../shared/redis/consumer/settle-batch.ts';
import {
  createStreamConsumer,
  type StreamConsumer,
  type StreamConsumerOptions,
} from '../../shared/redis/consumer/stream-consumer.ts';

const GROUP: ServiceName = 'execution';

export interface ApprovalHandlers {
  /**
   * Whether this process is the active sender. Any other process reads nothing and leaves the entries to the active
   * one.
   */
  readonly isActive: () => boolean;
  /** Handles the approval of a decision. False when this process is no longer the sender: the entry stays pending. */
  readonly onApproval: (decisionId: string) => Promise<boolean>;
}

type Modules = Pick<
  StreamConsumerOptions<ApprovedOrderMessage>,
  'blocking' | 'commands' | 'consumer' | 'clock' | 'log' | 'metrics'
>;

/**
 * Passes on the decision ID of every approval, serially. A message is only a hint: the order that is sent is the one in
 * the database, and the approval sweep finds what the stream loses. While Postgres is unavailable, the same message is
 * retried.
 */
export function consumeApprovals(modules: Modules, { isActive, onApproval }: ApprovalHandlers): StreamConsumer {
  return createStreamConsumer({
    ...modules,
    streams: [ORDERS_APPROVED],
    group: GROUP,
    sole: true,
    enabled: isActive,
    parse: (json) => approvedOrderMessage.parse(json),
    handle: eachEntry<ApprovedOrderMessage>(async ({ payload }) => {
      const handled = await onApproval(payload.decisionId);
      return handled ? ACK : { kind: 'retry', reason: 'NotActive' };
    }, isPostgresUnavailable),
  });
}
