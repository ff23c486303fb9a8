import type { VenueReply } from '../../../domain/orders/venue-reply.ts';
import type { Clock } from '../../../runtime/clock.ts';
import type { RateLimited } from '../../trading-venue.ts';
import { parseListenKey } from './replies.ts';
import { createMexcRest, type MexcRequest, type MexcRestOptions } from './signed-rest.ts';

/** MEXC's listen keys (API document "Listen Key"): valid for 60 min after creation or renewal, 60 per account. */
export interface ListenKeys {
  /**
   * Returns the current key while it is certainly valid, otherwise a new one: reconnecting must not use up the
   * account's keys.
   */
  current(): Promise<VenueReply<string>>;
  /**
   * Renews the key. `Gone`: the venue rejected the key or it is too old, and it is dropped here too. `Unanswered`:
   * retry soon.
   */
  renew(): Promise<Renewal>;
  /** Deletes the key at the venue, if the venue is reachable. */
  discard(): Promise<void>;
  close(): void;
}

export type Renewal = 'Renewed' | 'Unanswered' | 'Gone';

/** Shorter than the venue's 60 min by more than the slowest reply takes. */
const VALID_MS = 55 * 60_000;
/** The longest window that the client allows; a listen key creates no order. */
const RECV_WINDOW_MS = 2_000;

export interface ListenKeysOptions extends Omit<MexcRestOptions, 'recvWindowMs'> {
  readonly through: RateLimited;
}

export function createListenKeys(options: ListenKeysOptions): ListenKeys {
  const { clock, through } = options;
  const rest = createMexcRest({ ...options, recvWindowMs: RECV_WINDOW_MS });
  let held: HeldKey | undefined;

  return {
    current: async () => {
      if (held !== undefined && isValid(held, clock)) return { kind: 'ok', value: held.key };
      const sentMs = clock.monotonicMs();
      const reply = await through(async () => await rest.call(request('POST', {}), parseListenKey));
      if (reply.kind === 'ok') held = { key: reply.value, renewedMs: sentMs };
      return reply;
    },
    renew: async () => {
      if (held === undefined) return 'Gone';
      const sentMs = clock.monotonicMs();
      const { key } = held;
      const reply = await through(async () => await rest.call(request('PUT', { listenKey: key }), () => undefined));
      if (reply.kind === 'ok') {
        held = { key, renewedMs: sentMs };
        return 'Renewed';
      }
      const refused = reply.kind === 'rejected' || reply.kind === 'notFound';
      if (!refused && isValid(held, clock)) return 'Unanswered';
      held = undefined;
      return 'Gone';
    },
    discard: async () => {
      if (held === undefined) return;
      const { key } = held;
      held = undefined;
      await through(async () => await rest.call(request('DELETE', { listenKey: key }), () => undefined));
    },
    close: () => rest.close(),
  };
}

interface HeldKey {
  readonly key: string;
  /** Monotonic time of the request; the venue's 60 min began later. */
  readonly renewedMs: number;
}

function isValid({ renewedMs }: HeldKey, clock: Clock): boolean {
  return clock.monotonicMs() - renewedMs < VALID_MS;
}

function request(method: 'POST' | 'PUT' | 'DELETE', params: MexcRequest['params']): MexcRequest {
  return { access: 'private', method, path: 'userDataStream', params };
}
