import type { TradePayload } from '../../shared/contracts/messages/trade.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { messageOf } from '../../shared/runtime/errors.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { backoffMs } from '../../shared/runtime/retry.ts';
import type { RecentTrades, VenueFrame, VenueTrade } from '../../shared/venue/market-data-venue.ts';
import { tradePayload } from '../core/payloads.ts';
import { listedSince } from '../core/recent-trades.ts';
import { createTradeMerge, type MergeTrade } from '../core/trade-merge.ts';
import type { TradeGapReason, WsMetrics } from '../metrics.ts';

export interface TradeFeedOptions {
  readonly symbol: string;
  readonly producer: string;
  /** The newest trades that were published by the runs of ws before this one. Empty if none is known. */
  readonly published: readonly MergeTrade[];
  /** Fetches the venue's newest trades by REST. */
  readonly fetchTrades: () => Promise<RecentTrades>;
  readonly publish: (trade: TradePayload) => void;
  /** The venue has trades that the channel did not deliver. */
  readonly onDead: () => void;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: WsMetrics;
}

/** Trades made before the new subscription are in the venue's list after this time. */
const LIST_AFTER_MS = 500;
/** A gap that no list has closed after this time stays. Longer, and the trades that wait would miss their bars. */
const GIVE_UP_MS = 10_000;
/** Live trades that wait for a list; beyond it the gap stays. */
const WAITING_MAX = 2_000;
/** Quiet markets trade rarely: after this silence the list shows whether the channel is dead. */
const SILENCE_MS = 60_000;
/** The list is read again this long after it had trades that the channel lacked. */
const RECHECK_MS = 5_000;
const RETRY = { minMs: 500, maxMs: 4_000 };

type TradesFrame = VenueFrame & { kind: 'Trades' };

interface WaitingTrade {
  readonly connection: number;
  readonly trade: VenueTrade;
  readonly receivedAt: number;
}

/** A comparison with the venue's list. Live trades wait for its end, so that none overtakes an older one. */
interface Comparison {
  /** `Gap`: no connection carried the trades for a while. `Silence`: the channel delivers none. */
  readonly kind: 'Gap' | 'Silence';
  readonly dueMs: number;
  readonly giveUpMs: number;
  readonly waiting: WaitingTrade[];
  failures: number;
  retryAtMs: number;
  asking: boolean;
}

/**
 * Publishes each trade of one symbol once, numbered without gaps. After a lost connection, and while the channel is
 * silent, it compares with the venue's list and publishes what is missing before newer trades. When the list does not
 * reach back, a number is left out: every reader sees that trades are missing.
 */
export class TradeFeed {
  readonly #options: TradeFeedOptions;
  readonly #merge = createTradeMerge();
  #seq = 0;
  /** The venue's time of the newest published trade. */
  #newest: number | undefined;
  /** Our time at the first subscription. */
  #started: number | undefined;
  #receivedMs: number | undefined;
  #comparedMs: number;
  #recheckAtMs = Number.POSITIVE_INFINITY;
  #comparison: Comparison | undefined;

  constructor(options: TradeFeedOptions) {
    const { published } = options;
    this.#options = options;
    this.#merge.acceptList(published);
    for (const { time } of published) this.#newest = Math.max(this.#newest ?? time, time);
    this.#comparedMs = options.clock.monotonicMs();
  }

  /** Since the last trade; null before the first. */
  ageMs(nowMs: number): number | null {
    return this.#receivedMs === undefined ? null : nowMs - this.#receivedMs;
  }

  /** A connection has subscribed to the trades. `isGap`: no other one carried them meanwhile. */
  onSubscribed(isGap: boolean): void {
    const { clock } = this.#options;
    // Before the first subscription of all runs, no trade is missing.
    const isFirst = this.#started === undefined && this.#newest === undefined;
    this.#started ??= clock.nowMs();
    if (isGap && !isFirst) this.#compare('Gap', LIST_AFTER_MS);
  }

  onTrades({ trades }: TradesFrame, connection: number): void {
    const { clock } = this.#options;
    const receivedAt = clock.nowMs();
    this.#receivedMs = clock.monotonicMs();
    for (const trade of trades) {
      if (this.#comparison === undefined) this.#accept({ connection, trade, receivedAt });
      else this.#comparison.waiting.push({ connection, trade, receivedAt });
    }
    if ((this.#comparison?.waiting.length ?? 0) > WAITING_MAX) this.#giveUp('WaitingFull');
  }

  /** Reads the venue's list when it is due. Call it many times a second. `mayAsk` paces the requests. */
  runPass(isOpen: boolean, mayAsk: () => boolean): void {
    if (!isOpen) return;
    const nowMs = this.#options.clock.monotonicMs();
    if (this.#comparison === undefined && this.#isSuspect(nowMs)) this.#compare('Silence', 0);
    const comparison = this.#comparison;
    if (comparison === undefined || comparison.asking) return;
    if (nowMs >= comparison.giveUpMs) this.#giveUp('Unavailable');
    else if (nowMs >= Math.max(comparison.dueMs, comparison.retryAtMs) && mayAsk()) void this.#ask(comparison);
  }

  #isSuspect(nowMs: number): boolean {
    const quietMs = nowMs - Math.max(this.#receivedMs ?? this.#comparedMs, this.#comparedMs);
    return quietMs >= SILENCE_MS || nowMs >= this.#recheckAtMs;
  }

  #compare(kind: Comparison['kind'], afterMs: number): void {
    const nowMs = this.#options.clock.monotonicMs();
    const before = this.#comparison;
    this.#recheckAtMs = Number.POSITIVE_INFINITY;
    this.#comparison = {
      kind,
      dueMs: nowMs + afterMs,
      giveUpMs: nowMs + GIVE_UP_MS,
      waiting: before?.waiting ?? [],
      failures: 0,
      retryAtMs: Number.NEGATIVE_INFINITY,
      asking: false,
    };
  }

  async #ask(comparison: Comparison): Promise<void> {
    const { symbol, fetchTrades, clock, log } = this.#options;
    comparison.asking = true;
    try {
      const list = await fetchTrades();
      // A reconnect meanwhile has begun another comparison, whose list is newer.
      if (this.#comparison === comparison) this.#apply(comparison, list);
    } catch (error) {
      comparison.failures += 1;
      comparison.retryAtMs = clock.monotonicMs() + backoffMs(comparison.failures, RETRY, clock.random);
      log.warn({ symbol, problem: messageOf(error) }, "reading the venue's list of trades failed, retrying");
    } finally {
      comparison.asking = false;
    }
  }

  #apply({ kind }: Comparison, list: RecentTrades): void {
    const { symbol, onDead, clock, log, metrics } = this.#options;
    const started = this.#started ?? clock.nowMs();
    const { since, reaches } = listedSince(list, { newest: this.#newest, started });
    const missing = this.#merge.acceptList(since);
    // A silent channel has missed nothing while the list has nothing newer, even one that has forgotten our last trade.
    if (!reaches && (kind === 'Gap' || missing.length > 0)) this.#leaveGap('BeyondList');
    const receivedAt = clock.nowMs();
    for (const trade of missing) this.#publish(trade, receivedAt);
    if (missing.length > 0) {
      metrics.tradesRecovered(symbol, missing.length);
      log.info({ symbol, count: missing.length }, "published missed trades from the venue's list");
    }
    this.#finish();
    if (kind !== 'Silence' || missing.length === 0) return;
    this.#recheckAtMs = clock.monotonicMs() + RECHECK_MS;
    onDead();
  }

  #giveUp(reason: TradeGapReason): void {
    if (this.#comparison?.kind === 'Gap') this.#leaveGap(reason);
    this.#finish();
  }

  /** Ends the comparison: the trades that waited follow. */
  #finish(): void {
    const waiting = this.#comparison?.waiting ?? [];
    this.#comparison = undefined;
    this.#comparedMs = this.#options.clock.monotonicMs();
    for (const trade of waiting) this.#accept(trade);
  }

  #leaveGap(reason: TradeGapReason): void {
    const { symbol, log, metrics } = this.#options;
    this.#seq += 1;
    metrics.tradeGap(symbol, reason);
    log.warn({ symbol, reason }, 'trades are missing: a sequence number is left out');
  }

  #accept({ connection, trade, receivedAt }: WaitingTrade): void {
    if (this.#merge.accept(connection, trade)) this.#publish(trade, receivedAt);
    else this.#options.metrics.duplicateTrade(this.#options.symbol);
  }

  #publish(trade: VenueTrade, receivedAt: number): void {
    const { producer, symbol, publish } = this.#options;
    this.#seq += 1;
    this.#newest = Math.max(this.#newest ?? trade.time, trade.time);
    publish(tradePayload({ producer, seq: this.#seq, symbol, receivedAt }, trade));
  }
}
