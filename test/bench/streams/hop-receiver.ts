import type { RedisAddress } from '../../harness/stores/private-redis.ts';
import { startConsumer, type Kind, type RunningConsumer } from './consumers.ts';

// The receiving process of the bench `hop`. It answers each order of its parent with one message.

/** Order to the receiver. */
export type Order =
  | { readonly kind: 'Receive'; readonly consumer: Kind; readonly address: RedisAddress; readonly stream: string }
  /** Ends the consumer. The answer has the time of each message, by its number, on the clock of all processes. */
  | { readonly kind: 'Report' };

/** Nanoseconds as text: they exceed the exact integers of a number. */
export type Times = readonly (readonly [n: number, atNs: string])[];

let running: RunningConsumer | undefined;
let times: [number, string][] = [];

process.on('message', (order: Order) => void obey(order));

async function obey(order: Order): Promise<void> {
  if (order.kind === 'Receive') {
    const { consumer, address, stream } = order;
    times = [];
    const onMessage = (n: number): void => void times.push([n, process.hrtime.bigint().toString()]);
    running = await startConsumer(consumer, { address, stream, onMessage });
    process.send?.([]);
    return;
  }
  await running?.stop();
  process.send?.(times satisfies Times);
}
