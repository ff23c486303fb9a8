import type { SignalPayload } from '../../shared/contracts/messages/signal.ts';
import { SIGNALS } from '../../shared/contracts/keys.ts';
import type { Publisher, PublishResult } from '../../shared/redis/publisher.ts';

/** Appends a signal to `signals`, without a length limit: its consumer groups trim it. */
export async function publishSignal(publisher: Publisher, signal: SignalPayload): Promise<PublishResult> {
  return await publisher.publish(SIGNALS, signal);
}
