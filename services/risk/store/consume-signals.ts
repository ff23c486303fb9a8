import type { ServiceName } from '../../shared/contracts/catalogue.ts';
import { signalMessage, type SignalMessage } from '../../shared/contracts/messages/signal.ts';
import { SIGNALS } from '../../shared/contracts/keys.ts';
import { isPostgresUnavailable } from '../../shared/postgres/errors.ts';
import { ACK, eachEntry } from '../../shared/redis/consumer/settle-batch.ts';
import {
  createStreamConsumer,
  type StreamConsumer,
  type StreamConsumerOptions,
} from '../../shared/redis/consumer/stream-consumer.ts';

type ConsumerModules = Pick<
  StreamConsumerOptions<SignalMessage>,
  'blocking' | 'commands' | 'consumer' | 'clock' | 'log' | 'metrics'
>;

/**
 * Passes signals to `onSignal` in order and acknowledges each after it is decided. While Postgres is unavailable,
 * offers the same signal again.
 */
export function consumeSignals(
  modules: ConsumerModules,
  onSignal: (signal: SignalMessage) => Promise<void>,
): StreamConsumer {
  return createStreamConsumer({
    ...modules,
    streams: [SIGNALS],
    group: 'risk' satisfies ServiceName,
    parse: (json) => signalMessage.parse(json),
    handle: eachEntry<SignalMessage>(async ({ payload }) => {
      await onSignal(payload);
      return ACK;
    }, isPostgresUnavailable),
  });
}
