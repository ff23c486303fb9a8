import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';

/** Client connection of the venue's WebSocket. */
export interface PushConnection {
  readonly id: number;
  readonly query: URLSearchParams;
  /** Sends a string as a text frame, bytes as a binary frame. Disconnects a client that reads too slowly instead. */
  send(data: string | Uint8Array): void;
  /** Closes with a code and a reason that are sent to the client. */
  close(code: number, reason: string): void;
}

export interface PushServerOptions {
  /** Maximum unread bytes of a client; beyond it the client is disconnected with code 1013. */
  readonly maxBufferedBytes: number;
  readonly maxConnections: number;
  readonly onOpen: (connection: PushConnection) => void;
  readonly onText: (connection: PushConnection, text: string) => void;
  /** Called once for every opened connection. */
  readonly onClose: (connection: PushConnection, reason: string) => void;
}

export interface PushServer {
  /** Call this with every upgrade request for the server's path. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  connections(): number;
  /** Cuts every connection without a closing handshake, and refuses new ones for a time. */
  cut(forMs: number): void;
  /** Closes every connection with code 1001, and terminates those that do not answer. */
  close(): void;
}

/** Longest text that a client may send. */
const MAX_PAYLOAD_BYTES = 16_384;

/** Creates the venue's WebSocket server, with bounded memory per client. */
export function createPushServer(options: PushServerOptions): PushServer {
  const server = new WebSocketServer({ noServer: true, maxPayload: MAX_PAYLOAD_BYTES, perMessageDeflate: false });
  let opened = 0;
  let reopening: NodeJS.Timeout | undefined;

  const accept = (socket: WebSocket, query: URLSearchParams): void => {
    opened += 1;
    let reason = '';
    const close = (code: number, closeReason: string): void => {
      reason ||= closeReason;
      socket.close(code, closeReason);
      // Frees the memory of a client that does not answer the closing handshake.
      setTimeout(() => socket.terminate(), 1_000).unref();
    };
    const connection: PushConnection = {
      id: opened,
      query,
      send: (data) => {
        if (socket.readyState !== WebSocket.OPEN) return;
        if (socket.bufferedAmount > options.maxBufferedBytes) close(1013, 'the client reads too slowly');
        else socket.send(data);
      },
      close,
    };
    socket.on('message', (data, isBinary) => {
      if (!isBinary) options.onText(connection, textOf(data));
    });
    socket.on('error', (error) => {
      reason ||= error.message;
    });
    socket.on('close', (code) => options.onClose(connection, reason || `closed by the client with ${code}`));
    options.onOpen(connection);
  };

  return {
    upgrade: (request, socket, head) => {
      if (reopening !== undefined || server.clients.size >= options.maxConnections) {
        socket.end('HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\n\r\n');
        return;
      }
      const query = URL.parse(request.url ?? '/', 'http://localhost')?.searchParams ?? new URLSearchParams();
      server.handleUpgrade(request, socket, head, (accepted) => accept(accepted, query));
    },
    connections: () => server.clients.size,
    cut: (forMs) => {
      clearTimeout(reopening);
      reopening = setTimeout(() => {
        reopening = undefined;
      }, forMs);
      reopening.unref();
      for (const client of server.clients) client.terminate();
    },
    close: () => {
      for (const client of server.clients) {
        client.close(1001, 'the venue is shutting down');
        setTimeout(() => client.terminate(), 500).unref();
      }
      server.close();
    },
  };
}

function textOf(data: WebSocket.RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return Buffer.from(data as Buffer).toString('utf8');
}
