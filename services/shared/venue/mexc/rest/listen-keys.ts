import type { VenueReply } from '../../../domain/venue-reply.ts';
import type { Clock } from '../../../runtime/clock.ts';
import type { Through } from '../../trading-venue.ts';
import { parseListenKey } from './replies.ts';
import { createMexcRest, type MexcRequest, type MexcRestOptions } from './signed-rest.ts';

/** MEXC's listen keys (API document "Listen Key"): valid for 60 min from creation or renewal, at most 60 of one account. */
export interface ListenKeys {
  /** The key in use while it is surely valid, else a new one: reconnecting alone must not use up the account's keys. */
  current(): Promise<VenueReply<string>>;
  /** Gone when the venue said so or the key is too old: it is dropped here too. Unanswered: to be asked again soon. */
  renew(): Promise<Renewal>;
  /** Gives the key back, as far as the venue can be reached. */
  discard(): Promise<void>;
  close(): void;
}

export type Renewal = 'Renewed' | 'Unanswered' | 'Gone';

/** Below the venue's 60 min, by more than the slowest answer takes. */
const VALID_MS = 55 * 60_000;
/** The widest that the client allows: a key creates no order. */
const RECV_WINDOW_MS = 2_000;

export interface ListenKeysOptions extends Omit<MexcRestOptions, 'recvWindowMs'> {
  readonly through: Through;
}

export function createListenKeys(options: ListenKeysOptions): ListenKeys {
  const { clock, through } = options;
  const rest = createMexcRest({ ...options, recvWindowMs: RECV_WINDOW_MS });
  let held: HeldKey | undefined;

  return {
    current: async () => {
      if (held !== undefined && isValid(held, clock)) return { kind: 'ok', value: held.key };
      const asked = clock.monotonicMs();
      const reply = await through(async () => await rest.call(request('POST', {}), parseListenKey));
      if (reply.kind === 'ok') held = { key: reply.value, renewedMs: asked };
      return reply;
    },
    renew: async () => {
      if (held === undefined) return 'Gone';
      const asked = clock.monotonicMs();
      const { key } = held;
      const reply = await through(async () => await rest.call(request('PUT', { listenKey: key }), () => undefined));
      if (reply.kind === 'ok') {
        held = { key, renewedMs: asked };
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
  /** Monotonic, of the request: the venue's hour began later. */
  readonly renewedMs: number;
}

function isValid({ renewedMs }: HeldKey, clock: Clock): boolean {
  return clock.monotonicMs() - renewedMs < VALID_MS;
}

function request(method: 'POST' | 'PUT' | 'DELETE', params: MexcRequest['params']): MexcRequest {
  return { access: 'private', method, path: 'userDataStream', params };
}
