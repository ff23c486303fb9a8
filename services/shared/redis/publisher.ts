import { PAYLOAD_FIELD } from '../contracts/keys.ts';
import { messageOf } from '../runtime/errors.ts';
import { systemClock, type Clock } from '../runtime/clock.ts';
import type { RedisClient } from './client.ts';
import { createProlonging } from './prolong.ts';
import { replyCode } from './redis-error.ts';

/**
 * `ok`: written exactly once. `duplicate`: an entry with this explicit ID already exists. `refused`: certainly not
 * written. `unknown`: the reply was lost and the entry may have been written; do not resend it except with the same
 * explicit ID.
 */
export type PublishResult =
  | { readonly kind: 'ok'; readonly id: string }
  | { readonly kind: 'duplicate'; readonly id: string }
  | { readonly kind: 'refused'; readonly reason: RefusalReason; readonly message: string }
  | { readonly kind: 'unknown'; readonly message: string };

export type RefusalReason = 'Disconnected' | 'Full' | 'ReadOnly' | 'IdNotAbove' | 'Denied' | 'Other';

export interface Publication {
  readonly stream: string;
  readonly payload: unknown;
  /** Approximate maximum length of the stream. For fan-out streams only, because it drops unread entries. */
  readonly maxLength?: number;
  /** `<ms>-<n>`, above every ID in the stream. Makes resending harmless. */
  readonly id?: string;
}

export interface Publisher {
  publish(stream: string, payload: unknown, options?: Pick<Publication, 'maxLength' | 'id'>): Promise<PublishResult>;
  /** Publishes in one round trip. Returns one result per entry, in the same order. */
  publishAll(entries: readonly Publication[]): Promise<readonly PublishResult[]>;
}

/**
 * Creates a publisher that appends to streams over a producer connection. It never throws for errors of Redis or the
 * network, and never resends. It keeps the streams that it writes from expiring.
 */
export function createPublisher(client: RedisClient, clock: Pick<Clock, 'monotonicMs'> = systemClock): Publisher {
  const prolong = createProlonging(client, clock);
  const publishAll = async (entries: readonly Publication[]): Promise<readonly PublishResult[]> => {
    if (client.status !== 'ready') {
      const message = `no connection to Redis (${client.status})`;
      return entries.map(() => ({ kind: 'refused', reason: 'Disconnected', message }));
    }
    const adding = entries.map(async (entry) => await add(client, entry));
    const streams = new Set(entries.map(({ stream }) => stream));
    // Sent in the same packet, after the writes whose keys it prolongs.
    const prolonging = [...streams].map(prolong);
    const replies = await Promise.allSettled(adding);
    await Promise.all(prolonging);
    return await Promise.all(replies.map(async (reply, index) => await resultOf(client, reply, entries[index])));
  };
  return {
    publishAll,
    publish: async (stream, payload, options = {}) => {
      const [result] = await publishAll([{ stream, payload, ...options }]);
      if (result === undefined) throw new Error('a publication has no result');
      return result;
    },
  };
}

async function add(client: RedisClient, entry: Publication): Promise<string> {
  const { stream, payload, maxLength, id = '*' } = entry;
  const data = JSON.stringify(payload);
  const trim = maxLength === undefined ? [] : ['MAXLEN', '~', maxLength];
  // Commands written in the same tick of the event loop leave in one packet; the socket is the pipeline.
  return String(await client.call('XADD', stream, ...trim, id, PAYLOAD_FIELD, data));
}

async function resultOf(
  client: RedisClient,
  reply: PromiseSettledResult<string>,
  entry: Publication | undefined,
): Promise<PublishResult> {
  if (reply.status === 'fulfilled') return { kind: 'ok', id: reply.value };
  const message = messageOf(reply.reason);
  const code = replyCode(reply.reason);
  if (code === undefined) return { kind: 'unknown', message };
  if (code === 'ERR' && entry?.id !== undefined) return await idRefused(client, entry.stream, entry.id, message);
  return { kind: 'refused', reason: REASONS.get(code) ?? 'Other', message };
}

const REASONS = new Map<string, RefusalReason>([
  ['OOM', 'Full'],
  ['MISCONF', 'ReadOnly'],
  ['READONLY', 'ReadOnly'],
  ['NOPERM', 'Denied'],
  ['NOAUTH', 'Denied'],
  ['LOADING', 'Disconnected'],
]);

/**
 * XADD rejects an ID at or below the last one of the stream. Only reading the stream distinguishes a repetition from an
 * ID that is too low.
 */
async function idRefused(client: RedisClient, stream: string, id: string, message: string): Promise<PublishResult> {
  try {
    const found = await client.xrange(stream, id, id);
    return found.length > 0 ? { kind: 'duplicate', id } : { kind: 'refused', reason: 'IdNotAbove', message };
  } catch (error) {
    return { kind: 'unknown', message: `${message}; reading the entry back failed: ${messageOf(error)}` };
  }
}
