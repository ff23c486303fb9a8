import type { Instrument } from '../../../shared/domain/instrument.ts';
import { createPushServer, type PushServer } from '../push-server.ts';
import type { Clock } from '../../../shared/runtime/clock.ts';
import type { Logger } from '../../../shared/runtime/logger.ts';
import { isAccountEvent, type ExchangeEvent } from '../../core/events.ts';
import type { MatchingEngine } from '../../core/matching-engine.ts';
import type { ListedPairs } from '../../core/listed-pairs.ts';
import type { Ledger } from '../../core/ledger.ts';
import type { SimulatorMetrics } from '../../metrics.ts';
import { Broadcaster } from './broadcaster.ts';
import type { ListenKeys } from './listen-keys.ts';
import { PrivateFeed } from './private-feed.ts';
import { PublicFeed } from './public-feed.ts';

export interface StreamsOptions {
  readonly engine: MatchingEngine;
  readonly instruments: readonly Instrument[];
  /** Ledger with the balances and open orders of the engine's; belongs to the streams from now on. */
  readonly follower: Ledger;
  readonly listenKeys: ListenKeys;
  readonly pairs: Pick<ListedPairs, 'has'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: SimulatorMetrics;
  /** Maximum unread bytes per client. */
  readonly maxBufferedBytes: number;
}

export interface Streams {
  readonly server: PushServer;
  /** Sends private frames immediately and collects public prints for the next flush. */
  onEvents(events: readonly ExchangeEvent[], nowMs: number): void;
  flush(interval: '10ms' | '100ms', nowMs: number): void;
  /** Closes idle and aged connections. */
  sweep(): void;
}

/** Creates the venue's WebSocket: clients, their subscriptions, and the feeds that they read. */
export function createStreams(options: StreamsOptions): Streams {
  const { engine, instruments } = options;
  const broadcaster = new Broadcaster(options);
  const feeds = {
    '10ms': new PublicFeed(engine, instruments, '10ms'),
    '100ms': new PublicFeed(engine, instruments, '100ms'),
  };
  const privateFeed = new PrivateFeed(options.follower);
  return {
    server: createPushServer({
      maxBufferedBytes: options.maxBufferedBytes,
      maxConnections: 100,
      onOpen: (connection) => broadcaster.open(connection),
      onText: (connection, text) => broadcaster.text(connection, text),
      onClose: (connection, reason) => broadcaster.close(connection, reason),
    }),
    onEvents: (events, nowMs) => {
      for (const feed of Object.values(feeds)) feed.collect(events);
      for (const event of events)
        if (isAccountEvent(event)) broadcaster.publishPrivate(privateFeed.follow(event, nowMs));
    },
    flush: (interval, nowMs) => broadcaster.publish(feeds[interval].flush(nowMs)),
    sweep: () => broadcaster.sweep(),
  };
}
