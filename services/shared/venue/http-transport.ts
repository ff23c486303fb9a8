import { Agent as HttpAgent, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { messageOf } from '../runtime/errors.ts';
import type { HttpOutcome } from './mexc/rest/outcome.ts';

export interface HttpCall {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** Aborted at the deadline of the whole call. */
  readonly signal: AbortSignal;
  /** Asked when the connection stands, right before the first byte: why nothing may leave, or undefined. */
  readonly refusal: () => string | undefined;
}

/** Idle connections are given up before venues and load balancers do it: a request on a connection that just closed has an unknown outcome. */
const IDLE_MS = 4_000;
const MAX_SOCKETS = 16;
const MAX_BYTES = 16 * 1024 * 1024;

/**
 * HTTP with one request at a time on each kept connection, never repeated and never redirected. `fetch` connects and queues out of sight; here the moment
 * before the first byte is ours, and what is certainly unsent is told from what may have arrived.
 */
export class HttpTransport {
  readonly #http = new HttpAgent({ keepAlive: true, maxSockets: MAX_SOCKETS, timeout: IDLE_MS });
  readonly #https = new HttpsAgent({ keepAlive: true, maxSockets: MAX_SOCKETS, timeout: IDLE_MS });

  /** Never rejects. */
  async send(call: HttpCall): Promise<HttpOutcome> {
    return await new Promise((resolve) => {
      let written = false;
      const done = (outcome: Partial<HttpOutcome>): void =>
        resolve({ written, status: undefined, body: '', retryAfter: undefined, failure: undefined, ...outcome });
      const failure = (error: unknown): string => (call.signal.aborted ? 'time-out' : codeOf(error));
      try {
        const request = this.#request(call);
        request.on('error', (error) => done({ failure: failure(error) }));
        request.on('response', (response) => read(response, done, failure));
        whenConnected(request, () => {
          const refusal = call.signal.aborted ? 'time-out' : refusalOf(call);
          if (refusal !== undefined) {
            done({ failure: refusal });
            request.destroy();
            return;
          }
          written = true;
          request.end(call.body);
        });
      } catch (error) {
        // A header or an address that HTTP does not know: nothing was begun.
        done({ failure: codeOf(error) });
      }
    });
  }

  /** Closes every connection; what is under way ends as unknown. */
  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }

  #request({ url, method, headers, signal }: HttpCall): ClientRequest {
    const options = { method, signal, headers: { ...headers } };
    return url.startsWith('https:')
      ? httpsRequest(url, { ...options, agent: this.#https })
      : httpRequest(url, { ...options, agent: this.#http });
  }
}

/** A permit that cannot be asked is none. */
function refusalOf({ refusal }: HttpCall): string | undefined {
  try {
    return refusal();
  } catch (error) {
    return `the permit could not be asked: ${messageOf(error)}`;
  }
}

/** The socket of a new connection is handed out before it is connected, that of TLS before it is secure. */
function whenConnected(request: ClientRequest, write: () => void): void {
  request.once('socket', (socket: Socket & { readonly encrypted?: boolean; readonly secureConnecting?: boolean }) => {
    if (socket.secureConnecting === true) socket.once('secureConnect', write);
    else if (socket.connecting) socket.once('connect', write);
    else write();
  });
}

function read(
  response: IncomingMessage,
  done: (outcome: Partial<HttpOutcome>) => void,
  failure: (error: unknown) => string,
): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) response.destroy(new Error(`an answer of more than ${MAX_BYTES} bytes`));
    else chunks.push(chunk);
  });
  response.on('error', (error) => done({ failure: failure(error) }));
  response.on('end', () => {
    const { statusCode: status, headers } = response;
    done({ status, body: Buffer.concat(chunks).toString('utf8'), retryAfter: headers['retry-after'] });
  });
}

/** `ECONNRESET`, `ENOTFOUND`, ...; the text where an error has no code. Of several tried addresses, the first one's. */
function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return typeof code === 'string' ? code : messageOf(error).slice(0, 200);
}
