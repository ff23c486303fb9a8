import { encodePush, type MexcPush } from '../../../shared/venue/mexc/stream/protobuf.ts';
import type { ListedPairs } from '../../core/listed-pairs.ts';
import type { PushConnection } from '../push-server.ts';
import type { Clock } from '../../../shared/runtime/clock.ts';
import type { Logger } from '../../../shared/runtime/logger.ts';
import type { SimulatorMetrics } from '../../metrics.ts';
import type { ListenKeys } from './listen-keys.ts';
import type { PrivatePush } from './private-feed.ts';
import { answerControl, cutReason, type StreamSession } from './stream-session.ts';

export interface BroadcasterOptions {
  readonly listenKeys: ListenKeys;
  readonly pairs: Pick<ListedPairs, 'has'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: SimulatorMetrics;
}

/**
 * Sends frames to the subscribed connections. Keeps each connection's session, encodes a frame once, and closes idle
 * and aged connections.
 */
export class Broadcaster {
  readonly #options: BroadcasterOptions;
  readonly #sessions = new Map<PushConnection, StreamSession>();

  constructor(options: BroadcasterOptions) {
    this.#options = options;
  }

  open(connection: PushConnection): void {
    const { clock, listenKeys, metrics, log } = this.#options;
    const listenKey = connection.query.get('listenKey');
    const account = listenKey === null ? undefined : listenKeys.accountOf(listenKey, clock.nowMs());
    if (listenKey !== null && account === undefined) {
      metrics.cut('listenKey');
      connection.send('Invalid listen key');
      connection.close(1008, 'Invalid listen key');
      return;
    }
    const nowMs = clock.monotonicMs();
    this.#sessions.set(connection, { account, channels: new Set(), openedAtMs: nowMs, lastFlowAtMs: nowMs });
    metrics.clients(this.#sessions.size);
    log.info({ connection: connection.id, account }, 'stream client connected');
  }

  text(connection: PushConnection, text: string): void {
    const session = this.#sessions.get(connection);
    if (session === undefined) return;
    session.lastFlowAtMs = this.#options.clock.monotonicMs();
    connection.send(answerControl(session, text, this.#options.pairs));
  }

  close(connection: PushConnection, reason: string): void {
    if (!this.#sessions.delete(connection)) return;
    const { metrics, log } = this.#options;
    if (reason.includes('too slowly')) metrics.cut('slow');
    metrics.clients(this.#sessions.size);
    log.info({ connection: connection.id, reason }, 'stream client disconnected');
  }

  /** Publishes public frames. Those of a pair that is not listed are dropped: its channels fall silent. */
  publish(pushes: readonly MexcPush[]): void {
    const listed = pushes.filter(({ symbol }) => this.#options.pairs.has(symbol));
    for (const push of listed) this.#send(push, (session) => session.channels.has(push.channel));
  }

  publishPrivate(pushes: readonly PrivatePush[]): void {
    for (const { account, push } of pushes)
      this.#send(push, (session) => session.account === account && session.channels.has(push.channel));
  }

  /** Closes idle and aged connections. */
  sweep(): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const [connection, session] of this.#sessions) {
      const reason = cutReason(session, nowMs);
      if (reason === undefined) continue;
      this.#options.metrics.cut('idle');
      connection.close(1000, reason);
    }
  }

  #send(push: MexcPush, wants: (session: StreamSession) => boolean): void {
    let bytes: Uint8Array | undefined;
    let sent = 0;
    const nowMs = this.#options.clock.monotonicMs();
    for (const [connection, session] of this.#sessions) {
      if (!wants(session)) continue;
      bytes ??= encodePush(push);
      connection.send(bytes);
      session.lastFlowAtMs = nowMs;
      sent += 1;
    }
    if (sent > 0) this.#options.metrics.frames(sent);
  }
}
