import type { Decimal } from '../../shared/domain/decimal.ts';
import type { Instrument } from '../../shared/domain/instrument.ts';
import type { ExchangeEvent } from './events.ts';
import type { FeeRule } from './fee.ts';
import { MatchingEngine } from './matching-engine.ts';
import { MarketMaker } from './market-maker.ts';
import { createRandom } from './random.ts';
import { TapeCursor } from './tape-cursor.ts';
import type { Tape } from './tape.ts';

export interface MarketOptions {
  readonly instruments: readonly Instrument[];
  /** Opening balances: account, asset, amount. */
  readonly opening: Readonly<Record<string, Readonly<Record<string, Decimal>>>>;
  readonly tape: Tape;
  /** Pair of the tape; one of the instruments. */
  readonly tapeSymbol: string;
  /** Tape seconds per second. */
  readonly speed: number;
  readonly requoteMs: number;
  readonly seed: number;
  /** When the first loop of the tape began, UTC ms. */
  readonly originMs: number;
  readonly idPrefix: string;
  readonly firstVersion?: number;
  readonly feeRule?: FeeRule;
  /** Further pairs that the same tape drives, each from another place of it. */
  readonly others?: readonly MarketPair[];
}

/** A pair that the tape drives. */
export interface MarketPair {
  readonly symbol: string;
  /** When the first loop of the tape began for the pair, UTC ms. */
  readonly originMs: number;
  readonly seed: number;
}

/** The taker and the makers of one pair. */
interface Lane {
  readonly cursor: TapeCursor;
  readonly maker: MarketMaker;
}

/** Levels per side of the house's ladder. */
const LADDER_LEVELS = 10;

/**
 * Matching engine with its market: the tape's takers and the house's makers, driven by the caller's clock.
 * Deterministic. Call `open` first (after restoring an earlier run), then `advance` as time passes, and send commands
 * to `engine`.
 */
export class Market {
  readonly engine: MatchingEngine;
  readonly #lanes: readonly Lane[];
  readonly #requoteMs: number;
  #nextRequoteMs = Infinity;

  constructor(options: MarketOptions) {
    const { tape, tapeSymbol, speed, originMs, seed, others = [] } = options;
    this.engine = new MatchingEngine(options);
    this.#requoteMs = options.requoteMs;
    this.#lanes = [{ symbol: tapeSymbol, originMs, seed }, ...others].map((pair) => ({
      cursor: new TapeCursor({ tape, speed, originMs: pair.originMs }),
      maker: new MarketMaker({
        engine: this.engine,
        symbol: pair.symbol,
        levels: LADDER_LEVELS,
        typicalQuantity: tape.medianQuantity,
        random: createRandom(pair.seed),
      }),
    }));
  }

  /** Seeks the tape to `nowMs`, skipping the trades before it, and quotes around it. Also used after a long pause. */
  open(nowMs: number): readonly ExchangeEvent[] {
    const events: ExchangeEvent[] = [];
    for (const { cursor, maker } of this.#lanes) {
      cursor.seek(nowMs);
      maker.open(cursor.lastPrices(), nowMs, events);
    }
    this.#nextRequoteMs = nowMs + this.#requoteMs;
    return events;
  }

  /** Shifts the prices of the tape by whole basis points of the recorded ones, and quotes there at once. */
  shift(basisPoints: number, nowMs: number): readonly ExchangeEvent[] {
    const events: ExchangeEvent[] = [];
    for (const { cursor, maker } of this.#lanes) {
      cursor.shift(basisPoints);
      maker.open(cursor.lastPrices(), nowMs, events);
    }
    return events;
  }

  /** When the tape or the house acts next, in UTC ms. */
  nextDueMs(): number {
    return Math.min(...this.#lanes.map(({ cursor }) => cursor.dueMs()), this.#nextRequoteMs);
  }

  /** Executes every action due up to and including `nowMs`, in order, each at its own time. */
  advance(nowMs: number): readonly ExchangeEvent[] {
    const events: ExchangeEvent[] = [];
    for (let dueMs = this.nextDueMs(); dueMs <= nowMs; dueMs = this.nextDueMs()) {
      const trading = this.#lanes.find(({ cursor }) => cursor.dueMs() === dueMs);
      if (trading !== undefined) {
        trading.maker.play(trading.cursor.next(), dueMs, events);
      } else {
        for (const { maker } of this.#lanes) maker.requote(dueMs, events);
        this.#nextRequoteMs += this.#requoteMs;
      }
    }
    return events;
  }
}
