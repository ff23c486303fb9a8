import { WebSocket } from 'ws';
import type {
  ConnectionListener,
  MarketDataVenue,
  Stream,
  VenueConnection,
  VenueLimits,
} from '../market-data-venue.ts';
import { dealsChannel, depthChannel, MAX_STREAMS_PER_CONNECTION, venueSymbolOf } from './channels.ts';
import { readMexcFrame } from './stream/public-frames.ts';
import { createMexcPublicRest } from './rest/public-rest.ts';

export interface MexcMarketDataOptions {
  readonly restUrl: string;
  readonly wsUrl: string;
  /** Canonical symbols to accept frames of. */
  readonly symbols: readonly string[];
  readonly limits?: Partial<VenueLimits>;
}

/**
 * MEXC spot v3: at most 30 subscriptions per connection, no connection older than 24 h, and a connection without a
 * message from us is closed after 60 s.
 */
const LIMITS: VenueLimits = {
  streamsPerConnection: MAX_STREAMS_PER_CONNECTION,
  pingIntervalMs: 15_000,
  maxConnectionMs: 24 * 3_600_000,
};

const HANDSHAKE_MS = 10_000;
const MAX_FRAME_BYTES = 4 * 1024 * 1024;

/** Creates the market data port to MEXC. */
export function createMexcMarketData({ restUrl, wsUrl, symbols, limits }: MexcMarketDataOptions): MarketDataVenue {
  const canonical = new Map(symbols.map((symbol) => [venueSymbolOf(symbol), symbol]));
  return {
    limits: { ...LIMITS, ...limits },
    connect: (listener) => connect(wsUrl, canonical, listener),
    ...createMexcPublicRest(restUrl),
  };
}

function connect(url: string, symbols: ReadonlyMap<string, string>, listener: ConnectionListener): VenueConnection {
  const socket = new WebSocket(url, {
    perMessageDeflate: false,
    handshakeTimeout: HANDSHAKE_MS,
    maxPayload: MAX_FRAME_BYTES,
  });
  let failure = '';
  socket.on('open', () => listener.onOpen());
  socket.on('message', (data, isBinary) => listener.onFrame(readMexcFrame(bytesOf(data), isBinary, symbols)));
  // Every error is followed by `close`, which notifies the listener.
  socket.on('error', (error) => {
    failure = error.message;
  });
  socket.on('close', (code, reason) => listener.onClosed(failure || `code ${code} ${reason.toString()}`.trim()));

  const send = (message: object): void => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  };
  return {
    subscribe: (streams) => send({ method: 'SUBSCRIPTION', params: streams.map(channelOf) }),
    unsubscribe: (streams) => send({ method: 'UNSUBSCRIPTION', params: streams.map(channelOf) }),
    ping: () => send({ method: 'PING' }),
    // No closing handshake: the peer may be broken.
    close: () => socket.terminate(),
  };
}

function channelOf({ channel, symbol }: Stream): string {
  const name = venueSymbolOf(symbol);
  return channel === 'trades' ? dealsChannel(name, '100ms') : depthChannel(name, '100ms');
}

function bytesOf(data: WebSocket.RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}
