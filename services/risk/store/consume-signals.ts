import { signalMessage, type SignalMessage } from '../../shared/contracts/messages/signal.ts';
import { SIGNALS } from '../../shared/contracts/keys.ts';
import { isPostgresUnavailable } from '../../shared/postgres/errors.ts';
import { ACK, eachEntry } from '../../shared/redis/consumer/settle-batch.ts';
import {
  createStreamConsumer,
  type StreamConsumer,
  type StreamConsumerOptions,
} from '../../shared/redis/consumer/stream-consumer.ts';

type Kit = Pick<
  StreamConsumerOptions<SignalMessage>,
  'blocking' | 'commands' | 'consumer' | 'clock' | 'log' | 'metrics'
>;

/** Hands every signal to `onSignal`, one after the other, and acknowledges it after that; while Postgres is away the same one is offered again. */
export function consumeSignals(kit: Kit, onSignal: (signal: SignalMessage) => Promise<void>): StreamConsumer {
  return createStreamConsumer({
    ...kit,
    streams: [SIGNALS],
    group: 'risk',
    parse: (json) => signalMessage.parse(json),
    handle: eachEntry<SignalMessage>(async ({ payload }) => {
      await onSignal(payload);
      return ACK;
    }, isPostgresUnavailable),
  });
}
