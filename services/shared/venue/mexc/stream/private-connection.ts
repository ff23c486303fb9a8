import { WebSocket, type RawData } from 'ws';
import type { Clock } from '../../../runtime/clock.ts';
import { messageOf } from '../../../runtime/errors.ts';
import { pause } from '../../../runtime/periodic.ts';
import { PRIVATE_ACCOUNT, PRIVATE_DEALS, PRIVATE_ORDERS } from '../channels.ts';
import type { Renewal } from '../rest/listen-keys.ts';
import { readPrivateFrame, type PrivateFrame } from './private-frames.ts';

export interface StreamTimings {
  readonly pingMs: number;
  /** A connection without any frame, pongs included, for longer than this is dead. */
  readonly silenceMs: number;
  readonly renewMs: number;
  /** Pause after a renewal that was not answered. */
  readonly renewAgainMs: number;
  /** Age at which we reconnect. The venue closes connections at 24 h, at a moment of its choice; this is earlier. */
  readonly maxAgeMs: number;
  /** From opening the socket to the last acknowledgement. */
  readonly subscribedWithinMs: number;
}

export interface ConnectionOptions {
  readonly url: URL;
  /** Canonical names of the venue's symbols. */
  readonly symbols: ReadonlyMap<string, string>;
  readonly clock: Clock;
  readonly timings: StreamTimings;
  readonly renew: () => Promise<Renewal>;
  /** Called when all channels are acknowledged. */
  readonly onSubscribed: () => void;
  /** Called in the order of arrival. */
  readonly onFrame: (frame: PrivateFrame, bytes: Uint8Array) => void;
}

const CHANNELS = [PRIVATE_ORDERS, PRIVATE_DEALS, PRIVATE_ACCOUNT];
const MAX_FRAME_BYTES = 1024 * 1024;

/**
 * Runs one socket from opening to close. Resolves with the reason when the connection ends, whatever the cause; rejects
 * when a listener throws. A pong proves that the connection is alive, not a channel; the periodic reconcile finds
 * events that a dead channel missed.
 */
export async function livePrivateConnection(options: ConnectionOptions, signal: AbortSignal): Promise<string> {
  const { timings, clock } = options;
  const closing = new AbortController();
  const ended = Promise.withResolvers<string>();
  const socket = new WebSocket(options.url, {
    perMessageDeflate: false,
    handshakeTimeout: timings.subscribedWithinMs,
    maxPayload: MAX_FRAME_BYTES,
  });
  // No closing handshake: the peer may be broken.
  const end = (reason: string): void => {
    ended.resolve(reason);
    socket.terminate();
  };
  const watch: Watch = { lastFrameMs: clock.monotonicMs(), awaited: new Set(CHANNELS), lastText: '' };
  socket.on('open', () => socket.send(JSON.stringify({ method: 'SUBSCRIPTION', params: CHANNELS })));
  socket.on('message', (data, isBinary) => {
    try {
      receive({ bytes: bytesOf(data), isBinary }, watch, options, end);
    } catch (error) {
      ended.reject(error);
      socket.terminate();
    }
  });
  // Every error is followed by `close`, but only the error carries the cause.
  socket.on('error', (error) => ended.resolve(messageOf(error)));
  socket.on('close', (code, reason) => {
    const text = reason.toString() || watch.lastText;
    ended.resolve(`closed by the venue with ${code}${text === '' ? '' : `: ${text}`}`);
  });
  const onAbort = (): void => end('stopped');
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  const upkeep = [keepAlive(options, watch, socket, closing.signal), keepKey(options, closing.signal)];
  // An upkeep task ends when it finds the connection unusable.
  for (const task of upkeep) task.then(end, ended.reject);
  try {
    return await ended.promise;
  } finally {
    closing.abort();
    signal.removeEventListener('abort', onAbort);
    socket.terminate();
    await Promise.allSettled(upkeep);
  }
}

interface Watch {
  lastFrameMs: number;
  readonly awaited: Set<string>;
  /** Last plain text message of the venue. */
  lastText: string;
}

function receive(
  { bytes, isBinary }: { readonly bytes: Uint8Array; readonly isBinary: boolean },
  watch: Watch,
  { clock, symbols, onFrame, onSubscribed }: ConnectionOptions,
  end: (reason: string) => void,
): void {
  watch.lastFrameMs = clock.monotonicMs();
  const frame = readPrivateFrame(bytes, isBinary, symbols);
  if (frame.kind === 'Refused') end(`refused: ${frame.message}`);
  // The venue sends a plain text explanation before it closes a connection. Until all channels are acknowledged, such a
  // text is not an unreadable frame.
  if (frame.kind === 'Malformed' && !isBinary && watch.awaited.size > 0) {
    watch.lastText = frame.reason;
    return;
  }
  if (frame.kind === 'Subscribed') {
    const before = watch.awaited.size;
    for (const channel of frame.channels) watch.awaited.delete(channel);
    if (before > 0 && watch.awaited.size === 0) onSubscribed();
  }
  onFrame(frame, bytes);
}

/** Pings until the connection is silent, too old, or not subscribed in time. Resolves with the reason. */
async function keepAlive(
  { clock, timings }: ConnectionOptions,
  watch: Watch,
  socket: WebSocket,
  signal: AbortSignal,
): Promise<string> {
  const startedMs = clock.monotonicMs();
  for (;;) {
    await pause(clock, timings.pingMs, signal);
    if (signal.aborted) return 'closing';
    const nowMs = clock.monotonicMs();
    if (watch.awaited.size > 0 && nowMs - startedMs > timings.subscribedWithinMs) return 'not subscribed in time';
    if (nowMs - watch.lastFrameMs > timings.silenceMs) return `silent for more than ${timings.silenceMs} ms`;
    if (nowMs - startedMs > timings.maxAgeMs) return 'maximum connection age reached';
    if (socket.readyState === WebSocket.OPEN) socket.send('{"method":"PING"}');
  }
}

/** Renews the key until it expires; after that the stream would go silent without notice. */
async function keepKey({ clock, timings, renew }: ConnectionOptions, signal: AbortSignal): Promise<string> {
  for (let renewal: Renewal = 'Renewed'; renewal !== 'Gone';) {
    await pause(clock, renewal === 'Renewed' ? timings.renewMs : timings.renewAgainMs, signal);
    if (signal.aborted) return 'closing';
    renewal = await renew();
  }
  return 'the listen key expired or was rejected';
}

function bytesOf(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}
