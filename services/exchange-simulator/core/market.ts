import type { Decimal } from '../../shared/domain/decimal.ts';
import type { Instrument } from '../../shared/domain/instrument.ts';
import type { ExchangeEvent } from './events.ts';
import { Exchange } from './matching-engine.ts';
import { MarketMaker } from './market-maker.ts';
import { createRandom } from './random.ts';
import { TapeCursor } from './tape-cursor.ts';
import type { Tape } from './tape.ts';

export interface MarketOptions {
  readonly instruments: readonly Instrument[];
  /** Opening balances: account, asset, amount. */
  readonly opening: Readonly<Record<string, Readonly<Record<string, Decimal>>>>;
  readonly tape: Tape;
  /** The pair that the tape is of; one of the instruments. */
  readonly tapeSymbol: string;
  /** Tape seconds per second. */
  readonly speed: number;
  readonly requoteMs: number;
  readonly seed: number;
  /** When the tape's first turn began, UTC ms. */
  readonly originMs: number;
  readonly idPrefix: string;
  readonly firstVersion?: number;
}

/** Levels a side of the house's ladder. */
const LADDER_LEVELS = 10;

/**
 * An exchange with the world around it: the tape's takers and the house's makers, all moved by the caller's clock. Deterministic. Before
 * anything else `open` it (after restoring an earlier life); then `advance` as time passes, and give commands to `exchange`.
 */
export class Market {
  readonly exchange: Exchange;
  readonly #cursor: TapeCursor;
  readonly #maker: MarketMaker;
  readonly #requoteMs: number;
  #nextRequoteMs = Infinity;

  constructor(options: MarketOptions) {
    const { tape, tapeSymbol, speed, originMs, seed } = options;
    this.exchange = new Exchange(options);
    this.#cursor = new TapeCursor({ tape, speed, originMs });
    this.#requoteMs = options.requoteMs;
    this.#maker = new MarketMaker({
      exchange: this.exchange,
      symbol: tapeSymbol,
      levels: LADDER_LEVELS,
      typicalQuantity: tape.medianQuantity,
      random: createRandom(seed),
    });
  }

  /** Goes to the tape's place at `nowMs`, without the trades before it, and quotes around it. Also after a long pause. */
  open(nowMs: number): readonly ExchangeEvent[] {
    const events: ExchangeEvent[] = [];
    this.#cursor.seek(nowMs);
    this.#maker.open(this.#cursor.lastPrices(), nowMs, events);
    this.#nextRequoteMs = nowMs + this.#requoteMs;
    return events;
  }

  /** When the tape or the house acts next, UTC ms. */
  nextDueMs(): number {
    return Math.min(this.#cursor.dueMs(), this.#nextRequoteMs);
  }

  /** Everything that is due up to and including `nowMs`, in the order of time, each at its own time. */
  advance(nowMs: number): readonly ExchangeEvent[] {
    const events: ExchangeEvent[] = [];
    for (let due = this.nextDueMs(); due <= nowMs; due = this.nextDueMs()) {
      if (this.#cursor.dueMs() <= this.#nextRequoteMs) {
        this.#maker.play(this.#cursor.next(), due, events);
      } else {
        this.#maker.requote(due, events);
        this.#nextRequoteMs += this.#requoteMs;
      }
    }
    return events;
  }
}
