import { Counter, Gauge, type Registry } from 'prom-client';
import { boundedLabel } from '../shared/runtime/metrics.ts';

/** What ws counts. Labels come from small fixed sets, symbols from the settings (at most 15). */
export interface WsMetrics {
  frame(kind: string): void;
  connectionLost(): void;
  rebuild(symbol: string, reason: string): void;
  snapshotFailed(symbol: string): void;
  remedy(channel: string, kind: string): void;
  tradesPublished(symbol: string, count: number): void;
  tradeDropped(reason: 'OutboxFull' | 'OutcomeUnknown'): void;
  duplicateTrade(symbol: string): void;
  bookPublished(symbol: string): void;
  deadLetter(outcome: 'kept' | 'notKept'): void;
  feedAge(symbol: string, channel: string, ageMs: number): void;
}

export function createWsMetrics(registry: Registry): WsMetrics {
  const counter = (name: string, help: string, labelNames: readonly string[] = []): Counter =>
    new Counter({ name: `tradingstack_ws_${name}`, help, labelNames: [...labelNames], registers: [registry] });
  const symbolOf = boundedLabel(15);
  const frames = counter('frames_total', 'Frames of the venue by kind.', ['kind']);
  const lost = counter('connections_lost_total', 'Connections to the venue that ended.');
  const rebuilds = counter('book_rebuilds_total', 'Books thrown away and built anew.', ['symbol', 'reason']);
  const snapshots = counter('book_snapshots_failed_total', 'Snapshots that could not be had.', ['symbol']);
  const remedies = counter('silence_remedies_total', 'Silent channels subscribed anew or moved.', ['channel', 'kind']);
  const trades = counter('trades_published_total', 'Trades written to Redis.', ['symbol']);
  const dropped = counter('trades_dropped_total', 'Trades not written, or perhaps not.', ['reason']);
  const duplicates = counter('trades_duplicate_total', 'Trades that a second connection brought too.', ['symbol']);
  const books = counter('books_published_total', 'Books written to Redis.', ['symbol']);
  const letters = counter('dead_letters_total', 'Unreadable frames by what became of their payload.', ['outcome']);
  const ages = new Gauge({
    name: 'tradingstack_ws_channel_age_ms',
    help: 'Milliseconds since a channel last brought data.',
    labelNames: ['symbol', 'channel'],
    registers: [registry],
  });
  return {
    frame: (kind) => frames.inc({ kind }),
    connectionLost: () => lost.inc(),
    rebuild: (symbol, reason) => rebuilds.inc({ symbol: symbolOf(symbol), reason }),
    snapshotFailed: (symbol) => snapshots.inc({ symbol: symbolOf(symbol) }),
    remedy: (channel, kind) => remedies.inc({ channel, kind }),
    tradesPublished: (symbol, count) => trades.inc({ symbol: symbolOf(symbol) }, count),
    tradeDropped: (reason) => dropped.inc({ reason }),
    duplicateTrade: (symbol) => duplicates.inc({ symbol: symbolOf(symbol) }),
    bookPublished: (symbol) => books.inc({ symbol: symbolOf(symbol) }),
    deadLetter: (outcome) => letters.inc({ outcome }),
    feedAge: (symbol, channel, ageMs) => ages.set({ symbol: symbolOf(symbol), channel }, Math.round(ageMs)),
  };
}
