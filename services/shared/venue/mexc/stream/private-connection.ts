import { WebSocket, type RawData } from 'ws';
import type { Clock } from '../../../runtime/clock.ts';
import { messageOf } from '../../../runtime/errors.ts';
import { pause } from '../../../runtime/periodic.ts';
import { PRIVATE_ACCOUNT, PRIVATE_DEALS, PRIVATE_ORDERS } from '../channels.ts';
import type { Renewal } from '../rest/listen-keys.ts';
import { readPrivateFrame, type PrivateFrame } from './private-frames.ts';

export interface StreamTimings {
  readonly pingMs: number;
  /** Without any frame for longer, pongs included, the connection is dead. */
  readonly silenceMs: number;
  readonly renewMs: number;
  /** After a renewal without an answer. */
  readonly renewAgainMs: number;
  /** The venue cuts connections at 24 h, at a moment of its own choice; ours is earlier. */
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
  /** All channels are acknowledged. */
  readonly onSubscribed: () => void;
  /** In the order of arrival. */
  readonly onFrame: (frame: PrivateFrame, bytes: Uint8Array) => void;
}

const CHANNELS = [PRIVATE_ORDERS, PRIVATE_DEALS, PRIVATE_ACCOUNT];
const MAX_FRAME_BYTES = 1024 * 1024;

/**
 * One socket from its opening to its end. Resolves with the reason when the connection is over, whatever ended it; rejects when a listener has thrown. A pong
 * proves the connection, not a channel: what a dead channel hides is found by the timed reconcile.
 */
export async function livePrivateConnection(options: ConnectionOptions, signal: AbortSignal): Promise<string> {
  const { timings, clock } = options;
  const over = new AbortController();
  const ended = Promise.withResolvers<string>();
  const socket = new WebSocket(options.url, {
    perMessageDeflate: false,
    handshakeTimeout: timings.subscribedWithinMs,
    maxPayload: MAX_FRAME_BYTES,
  });
  // No closing handshake: the other side may be what is broken.
  const end = (reason: string): void => {
    ended.resolve(reason);
    socket.terminate();
  };
  const watch: Watch = { heardMs: clock.monotonicMs(), awaited: new Set(CHANNELS), lastText: '' };
  socket.on('open', () => socket.send(JSON.stringify({ method: 'SUBSCRIPTION', params: CHANNELS })));
  socket.on('message', (data, isBinary) => {
    try {
      receive({ bytes: bytesOf(data), isBinary }, watch, options, end);
    } catch (error) {
      ended.reject(error);
      socket.terminate();
    }
  });
  // Every error is followed by `close`, which comes too late to say why.
  socket.on('error', (error) => ended.resolve(messageOf(error)));
  socket.on('close', (code, reason) => {
    const words = reason.toString() || watch.lastText;
    ended.resolve(`closed by the venue with ${code}${words === '' ? '' : `: ${words}`}`);
  });
  const onAbort = (): void => end('stopped');
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  const upkeep = [keepAlive(options, watch, socket, over.signal), keepKey(options, over.signal)];
  // An upkeep that comes to an end has found the connection to be of no more use.
  for (const one of upkeep) one.then(end, ended.reject);
  try {
    return await ended.promise;
  } finally {
    over.abort();
    signal.removeEventListener('abort', onAbort);
    socket.terminate();
    await Promise.allSettled(upkeep);
  }
}

interface Watch {
  heardMs: number;
  readonly awaited: Set<string>;
  /** What the venue said last in plain words. */
  lastText: string;
}

function receive(
  { bytes, isBinary }: { readonly bytes: Uint8Array; readonly isBinary: boolean },
  watch: Watch,
  { clock, symbols, onFrame, onSubscribed }: ConnectionOptions,
  end: (reason: string) => void,
): void {
  watch.heardMs = clock.monotonicMs();
  const frame = readPrivateFrame(bytes, isBinary, symbols);
  if (frame.kind === 'Refused') end(`refused: ${frame.message}`);
  // Before it closes a connection the venue explains itself in plain words: no frame to keep, while nothing is subscribed yet.
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

/** Pings until the connection is silent, old, or not subscribed in time; resolves with which. */
async function keepAlive(
  { clock, timings }: ConnectionOptions,
  watch: Watch,
  socket: WebSocket,
  signal: AbortSignal,
): Promise<string> {
  const startedMs = clock.monotonicMs();
  for (;;) {
    await pause(clock, timings.pingMs, signal);
    if (signal.aborted) return 'over';
    const now = clock.monotonicMs();
    if (watch.awaited.size > 0 && now - startedMs > timings.subscribedWithinMs) return 'not subscribed in time';
    if (now - watch.heardMs > timings.silenceMs) return `silent for more than ${timings.silenceMs} ms`;
    if (now - startedMs > timings.maxAgeMs) return 'older than a connection may be';
    if (socket.readyState === WebSocket.OPEN) socket.send('{"method":"PING"}');
  }
}

/** Renews until the key is gone: with it the stream would fall silent without a word. */
async function keepKey({ clock, timings, renew }: ConnectionOptions, signal: AbortSignal): Promise<string> {
  for (let renewal: Renewal = 'Renewed'; renewal !== 'Gone';) {
    await pause(clock, renewal === 'Renewed' ? timings.renewMs : timings.renewAgainMs, signal);
    if (signal.aborted) return 'over';
    renewal = await renew();
  }
  return 'the listen key is gone';
}

function bytesOf(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}
