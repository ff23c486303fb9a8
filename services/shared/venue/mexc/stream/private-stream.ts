import type { VenueFailure } from '../../../domain/orders/venue-reply.ts';
import type { Clock } from '../../../runtime/clock.ts';
import { failed, OK, type CheckResult } from '../../../runtime/health.ts';
import type { Logger } from '../../../runtime/logger.ts';
import { pause } from '../../../runtime/periodic.ts';
import { backoffMs } from '../../../runtime/retry.ts';
import type { ServicePart } from '../../../runtime/service-part.ts';
import type { PrivateStreamEvents, RateLimited } from '../../trading-venue.ts';
import { venueSymbolOf } from '../channels.ts';
import { createListenKeys, type ListenKeys } from '../rest/listen-keys.ts';
import { livePrivateConnection, type StreamTimings } from './private-connection.ts';
import type { PrivateFrame } from './private-frames.ts';

export interface MexcPrivateStreamOptions extends PrivateStreamEvents {
  readonly wsUrl: string;
  readonly restUrl: string;
  readonly apiKey: string;
  readonly secretKey: string;
  /** Canonical symbols that are traded; frames of other symbols are reported as foreign. */
  readonly symbols: readonly string[];
  /** Rate limiter for every listen key request. */
  readonly through: RateLimited;
  readonly clock: Clock;
  readonly log: Logger;
  readonly timings?: Partial<StreamTimings>;
}

export interface MexcPrivateStream extends ServicePart {
  /** Passes while subscribed; otherwise fails with PrivateStreamDisconnected or ListenKeyRefused, and the cause. */
  check(): CheckResult;
}

const TIMINGS: StreamTimings = {
  pingMs: 15_000,
  silenceMs: 35_000,
  renewMs: 30 * 60_000,
  renewAgainMs: 60_000,
  maxAgeMs: 23 * 3_600_000,
  subscribedWithinMs: 10_000,
};
const BACKOFF = { minMs: 250, maxMs: 15_000 };

/**
 * MEXC's user data stream (API document "Websocket User Data Streams"). States: connecting (listen key, socket,
 * subscriptions), connected, and waiting with growing pauses after a failure. Listeners are called in the order of
 * arrival. A listener that throws ends the part.
 */
export function createMexcPrivateStream(options: MexcPrivateStreamOptions): MexcPrivateStream {
  const { clock, log } = options;
  const keys = createListenKeys(options);
  let state = failed('PrivateStreamDisconnected', 'not connected yet');

  /** Runs one connection. Returns whether it was subscribed, and the minimum wait before the next. */
  const runConnection = async (
    signal: AbortSignal,
  ): Promise<{ readonly connected: boolean; readonly waitMs: number }> => {
    const key = await keys.current();
    if (key.kind !== 'ok') {
      state = failed('ListenKeyRefused', `no listen key: ${textOf(key)}`);
      return { connected: false, waitMs: key.kind === 'rateLimited' ? key.retryAfterMs : 0 };
    }
    let connected = false;
    const onSubscribed = (): void => {
      connected = true;
      state = OK;
      log.info('private stream connected');
      options.onConnected();
    };
    const reason = await livePrivateConnection(connectionOf(options, { key: key.value, keys, onSubscribed }), signal);
    state = failed('PrivateStreamDisconnected', reason);
    if (connected) options.onDisconnected(reason);
    // The key may be the reason that the connection was not subscribed.
    else if (!signal.aborted) await keys.discard();
    return { connected, waitMs: 0 };
  };

  return {
    name: 'private stream',
    check: () => state,
    run: async (signal) => {
      let failures = 0;
      while (!signal.aborted) {
        const { connected, waitMs } = await runConnection(signal);
        if (signal.aborted) return;
        failures = connected ? 1 : failures + 1;
        const pauseMs = Math.max(waitMs, backoffMs(failures, BACKOFF, clock.random));
        log.warn({ reason: state.message, pauseMs: Math.round(pauseMs) }, 'private stream disconnected');
        await pause(clock, pauseMs, signal);
      }
    },
    stop: async () => {
      await keys.discard();
      keys.close();
    },
  };
}

interface Connecting {
  readonly key: string;
  readonly keys: ListenKeys;
  readonly onSubscribed: () => void;
}

function connectionOf(options: MexcPrivateStreamOptions, { key, keys, onSubscribed }: Connecting) {
  const url = new URL(options.wsUrl);
  url.searchParams.set('listenKey', key);
  return {
    url,
    symbols: new Map(options.symbols.map((symbol) => [venueSymbolOf(symbol), symbol])),
    clock: options.clock,
    timings: { ...TIMINGS, ...options.timings },
    renew: async () => await keys.renew(),
    onSubscribed,
    onFrame: (frame: PrivateFrame, bytes: Uint8Array) => dispatch(frame, bytes, options),
  };
}

function dispatch(frame: PrivateFrame, bytes: Uint8Array, events: PrivateStreamEvents): void {
  if (frame.kind === 'Fill') events.onFill(frame.fill);
  else if (frame.kind === 'Order') events.onOrder(frame.report);
  else if (frame.kind === 'Foreign') events.onForeign(frame.symbol);
  else if (frame.kind === 'Malformed') events.onMalformed(bytes, frame.reason);
}

function textOf(failure: VenueFailure): string {
  if (failure.kind === 'rejected') return `rejected with ${failure.code} ${failure.message}`;
  if (failure.kind === 'unknown' || failure.kind === 'notSent') return failure.reason;
  return failure.kind;
}
