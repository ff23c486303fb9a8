import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { messageOf } from '../errors.ts';
import type { Logger } from '../logger.ts';

export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly raw: IncomingMessage;
  /** Returns the whole body as text. HttpError 413 when it exceeds the limit of the server. */
  body(): Promise<string>;
  /** Returns the parsed body. HttpError 400 when it is not JSON. */
  json(): Promise<unknown>;
}

export type HttpHandler = (request: HttpRequest, response: ServerResponse) => Promise<void>;

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Must match exactly. */
  readonly path: string;
  readonly handle: HttpHandler;
}

export interface HttpServerOptions {
  /** 0 selects a free port. */
  readonly port: number;
  readonly host?: string;
  readonly routes: readonly Route[];
  /** Handler of requests without a route: lets a service serve its own protocol on the same port. Default: 404. */
  readonly fallback?: HttpHandler;
  readonly upgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  readonly log: Logger;
  readonly bodyLimitBytes?: number;
  /** Maximum time to receive a request, and to answer it. */
  readonly requestTimeoutMs?: number;
}

export interface HttpServer {
  /** Resolves with the port once the server accepts connections. */
  listen(): Promise<number>;
  /** Accepts no new connections, waits at most `graceMs` for running requests, then closes their connections. */
  close(graceMs?: number): Promise<void>;
}

/** Thrown by a handler: the server responds with `{"error": message}` and this status. */
export class HttpError extends Error {
  readonly status: number;

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'HttpError';
    this.status = status;
  }
}

/**
 * Creates a small HTTP server for the routes of one service: bodies and times are bounded, errors are JSON, nothing
 * else.
 */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const { port, host, upgrade, log, requestTimeoutMs = 10_000 } = options;
  const server = createServer(
    { requestTimeout: requestTimeoutMs, headersTimeout: requestTimeoutMs },
    (raw, response) => {
      void answer(raw, response, options);
    },
  );
  if (upgrade !== undefined) server.on('upgrade', upgrade);
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n');
  });
  return {
    listen: async () => await listen(server, port, host),
    close: async (graceMs = 2_000) => {
      await close(server, graceMs).catch((error: unknown) => log.warn({ err: error }, 'http server failed to close'));
    },
  };
}

/** Sends a JSON response. Does nothing when a response was already started or the client disconnected. */
export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  if (response.headersSent || response.destroyed) return;
  const text = JSON.stringify(value);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

async function answer(raw: IncomingMessage, response: ServerResponse, options: HttpServerOptions): Promise<void> {
  const { routes, fallback, log, bodyLimitBytes = 65_536, requestTimeoutMs = 10_000 } = options;
  const deadline = setTimeout(
    () => sendJson(response, 503, { error: 'no answer within the deadline' }),
    requestTimeoutMs,
  );
  response.once('close', () => clearTimeout(deadline));
  try {
    const request = requestOf(raw, bodyLimitBytes);
    const handle = handlerOf(request, routes, fallback);
    await handle(request, response);
  } catch (error) {
    if (error instanceof HttpError) {
      sendJson(response, error.status, { error: error.message });
      return;
    }
    log.error({ err: error, method: raw.method, path: raw.url?.split('?')[0] }, 'http handler failed');
    sendJson(response, 500, { error: 'internal error' });
  }
}

function handlerOf(request: HttpRequest, routes: readonly Route[], fallback: HttpHandler | undefined): HttpHandler {
  const atPath = routes.filter((route) => route.path === request.path);
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const route = atPath.find((candidate) => candidate.method === method);
  if (route !== undefined) return route.handle;
  if (fallback !== undefined) return fallback;
  throw new HttpError(atPath.length > 0 ? 405 : 404, `no route for ${request.method} ${request.path}`);
}

function requestOf(raw: IncomingMessage, bodyLimitBytes: number): HttpRequest {
  const url = URL.parse(raw.url ?? '/', 'http://localhost');
  if (url === null) throw new HttpError(400, 'the request target is not a path');
  const body = async (): Promise<string> => await readBody(raw, bodyLimitBytes);
  return {
    method: raw.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: raw.headers,
    raw,
    body,
    json: async () => {
      const text = await body();
      try {
        return JSON.parse(text);
      } catch (error) {
        throw new HttpError(400, `the body is not JSON: ${messageOf(error)}`, { cause: error });
      }
    },
  };
}

async function readBody(raw: IncomingMessage, limitBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of raw) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > limitBytes) throw new HttpError(413, `the body is longer than ${limitBytes} bytes`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function listen(server: Server, port: number, host: string | undefined): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

async function close(server: Server, graceMs: number): Promise<void> {
  if (!server.listening) return;
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  await new Promise<void>((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)));
    server.closeIdleConnections();
  });
  clearTimeout(cut);
}
