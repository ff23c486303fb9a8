import { Counter, Gauge, type Registry } from 'prom-client';
import { boundedLabel } from '../shared/runtime/metrics.ts';
import type { Verification } from './core/verification-rules.ts';

/**
 * Why missed trades stay missing: the venue's list does not reach back to what was published, it could not be read, or
 * too many live trades waited for it.
 */
export type TradeGapReason = 'BeyondList' | 'Unavailable' | 'WaitingFull';

/** Metrics of ws. Label values come from small fixed sets, symbols from the settings (at most 30). */
export interface WsMetrics {
  frame(kind: string): void;
  connectionLost(): void;
  rebuild(symbol: string, reason: string): void;
  snapshotFailed(symbol: string): void;
  verification(symbol: string, outcome: Verification | 'Failed'): void;
  remedy(channel: string, kind: string): void;
  tradesPublished(symbol: string, count: number): void;
  tradeDropped(reason: 'BufferFull' | 'OutcomeUnknown'): void;
  duplicateTrade(symbol: string): void;
  /** Trades that the channel did not deliver, published from the venue's list. */
  tradesRecovered(symbol: string, count: number): void;
  tradeGap(symbol: string, reason: TradeGapReason): void;
  bookPublished(symbol: string): void;
  deadLetter(outcome: 'kept' | 'notKept'): void;
  channelAge(symbol: string, channel: string, ageMs: number): void;
}

export function createWsMetrics(registry: Registry): WsMetrics {
  const counter = (name: string, help: string, labelNames: readonly string[] = []): Counter =>
    new Counter({ name: `tradingstack_ws_${name}`, help, labelNames: [...labelNames], registers: [registry] });
  const symbolOf = boundedLabel(30);
  const frames = counter('frames_total', 'Frames received from the venue, by kind.', ['kind']);
  const lost = counter('connections_lost_total', 'Connections to the venue that were lost.');
  const rebuilds = counter('book_rebuilds_total', 'Order books discarded and rebuilt.', ['symbol', 'reason']);
  const snapshots = counter('book_snapshots_failed_total', 'Order book snapshot requests that failed.', ['symbol']);
  const verifications = counter('book_verifications_total', 'Silent order books compared with the venue.', [
    'symbol',
    'outcome',
  ]);
  const remedies = counter('channel_remedies_total', 'Dead channels resubscribed, or their connection replaced.', [
    'channel',
    'kind',
  ]);
  const trades = counter('trades_published_total', 'Trades written to Redis.', ['symbol']);
  const dropped = counter('trades_dropped_total', 'Trades dropped, or with unknown write outcome.', ['reason']);
  const duplicates = counter('trades_duplicate_total', 'Trades also received on a second connection.', ['symbol']);
  const recovered = counter('trades_recovered_total', "Missed trades published from the venue's list.", ['symbol']);
  const gaps = counter('trade_gaps_total', 'Times that trades stayed missing.', ['symbol', 'reason']);
  const books = counter('books_published_total', 'Order books written to Redis.', ['symbol']);
  const letters = counter('dead_letters_total', 'Unreadable frames, by outcome: payload kept or not kept.', [
    'outcome',
  ]);
  const ages = new Gauge({
    name: 'tradingstack_ws_channel_age_seconds',
    help: 'Seconds since the last trade, or since the depth was last received or confirmed.',
    labelNames: ['symbol', 'channel'],
    registers: [registry],
  });
  return {
    frame: (kind) => frames.inc({ kind }),
    connectionLost: () => lost.inc(),
    rebuild: (symbol, reason) => rebuilds.inc({ symbol: symbolOf(symbol), reason }),
    snapshotFailed: (symbol) => snapshots.inc({ symbol: symbolOf(symbol) }),
    verification: (symbol, outcome) => verifications.inc({ symbol: symbolOf(symbol), outcome }),
    remedy: (channel, kind) => remedies.inc({ channel, kind }),
    tradesPublished: (symbol, count) => trades.inc({ symbol: symbolOf(symbol) }, count),
    tradeDropped: (reason) => dropped.inc({ reason }),
    duplicateTrade: (symbol) => duplicates.inc({ symbol: symbolOf(symbol) }),
    tradesRecovered: (symbol, count) => recovered.inc({ symbol: symbolOf(symbol) }, count),
    tradeGap: (symbol, reason) => gaps.inc({ symbol: symbolOf(symbol), reason }),
    bookPublished: (symbol) => books.inc({ symbol: symbolOf(symbol) }),
    deadLetter: (outcome) => letters.inc({ outcome }),
    channelAge: (symbol, channel, ageMs) => ages.set({ symbol: symbolOf(symbol), channel }, Math.round(ageMs) / 1_000),
  };
}
