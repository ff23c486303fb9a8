import { randomBytes } from 'node:crypto';
import type { Instrument } from '../shared/domain/instrument.ts';
import type { Clock } from '../shared/runtime/clock.ts';
import { ageCheck, failed, OK, type Health } from '../shared/runtime/health.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import type { ServicePlan } from '../shared/runtime/run-service.ts';
import type { Ledger } from './core/ledger.ts';
import { ListedPairs } from './core/listed-pairs.ts';
import type { Market } from './core/market.ts';
import { PAPER_ACCOUNT } from './open-market.ts';
import type { SimulatorMetrics } from './metrics.ts';
import { faultRoutes } from './rest/fault-routes.ts';
import { judgeRoutes, type EntryLog } from './rest/judge-routes.ts';
import { RecentTrades } from './rest/mexc/recent-trades.ts';
import { createVenueApi } from './rest/mexc/venue-api.ts';
import { symbolsByVenueName } from './rest/mexc/venue-symbols.ts';
import { ListenKeys } from './stream/mexc/listen-keys.ts';
import { createStreams } from './stream/mexc/streams.ts';
import { journalGuard, marketLoop } from './market-loop.ts';
import { JournaledMarket, type EventJournal } from './journaled-market.ts';

export interface SimulatorOptions {
  readonly port: number;
  /** Market with every event of earlier runs restored, not yet open. */
  readonly market: Market;
  /** Second ledger with the balances and open orders of the market's. */
  readonly follower: Ledger;
  readonly instruments: readonly Instrument[];
  readonly journal: EventJournal & EntryLog;
  readonly apiKey: string;
  readonly secretKey: string;
  /** Whether the venue accepts faults on demand. */
  readonly faults: boolean;
  readonly clock: Clock;
  readonly health: Health;
  readonly log: Logger;
  readonly metrics: SimulatorMetrics;
  /** Maximum unread bytes per stream client. Default: 4 MiB. */
  readonly maxBufferedBytes?: number;
}

const MAX_PASS_AGE_MS = 5_000;

/** Creates the venue with its protocols: REST and streams on one port, driven by one loop. */
export function createSimulator(options: SimulatorOptions): ServicePlan {
  const { market, journal, instruments, clock, health, log, metrics, maxBufferedBytes = 4 * 1024 * 1024 } = options;
  const journaled = new JournaledMarket({ market, journal });
  const { engine } = journaled;
  const pairs = new ListedPairs(symbolsByVenueName(instruments.map(({ symbol }) => symbol)));
  const listenKeys = new ListenKeys({ createKey: () => randomBytes(32).toString('hex') });
  const recentTrades = new RecentTrades();
  const streams = createStreams({ ...options, engine, listenKeys, pairs, maxBufferedBytes });
  const passes = ageCheck({ clock, maxAgeMs: MAX_PASS_AGE_MS, reason: 'TapeStalled', what: 'step of the tape' });

  journaled.listen((events, nowMs) => {
    streams.onEvents(events, nowMs);
    recentTrades.collect(events);
    metrics.observe(events);
    metrics.journal(journal.lastSeq, journal.sizeBytes);
  });
  health.add('tape', () => passes.check());
  health.add('journal', () => (journaled.failed ? failed('JournalUnwritable', 'the journal cannot be written') : OK));
  engine.resume();
  journaled.open(clock.nowMs());

  return {
    port: options.port,
    parts: [journalGuard(journaled), marketLoop({ market: journaled, streams, clock, onPass: () => passes.touch() })],
    routes: [
      ...judgeRoutes(journal, engine.ledger, PAPER_ACCOUNT),
      ...(options.faults
        ? faultRoutes({ market: journaled, pairs, streams: streams.server, clock, log, account: PAPER_ACCOUNT })
        : []),
    ],
    fallback: createVenueApi({
      context: { market: journaled, listenKeys, recentTrades, clock, symbols: pairs },
      keys: [{ key: options.apiKey, secret: options.secretKey, account: PAPER_ACCOUNT }],
      metrics,
    }),
    upgrade: (request, socket, head) => streams.server.upgrade(request, socket, head),
    figures: () => ({
      orders: engine.ledger.counts.placed,
      fills: engine.ledger.counts.filled,
      openOrders: engine.ledger.openCount(PAPER_ACCOUNT),
      journalEntries: journal.lastSeq,
      streamClients: streams.server.connections(),
    }),
  };
}
