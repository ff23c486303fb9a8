import type { BookMessage } from '../shared/contracts/messages/book.ts';
import { add, divide, parseDecimal, type Decimal } from '../shared/domain/decimal.ts';
import type { Instrument } from '../shared/domain/instrument.ts';
import { failed, OK, type CheckResult } from '../shared/runtime/health.ts';
import { periodic, type Periodic, type PeriodicOptions } from '../shared/runtime/periodic.ts';

const TWO = parseDecimal('2');
/** Short: after a start nothing is sent until the rules are known. */
const READ_MS = 500;

/** The middle of each book, and the venue's rules per symbol. What was known once stays known: fees and steps seldom change. */
export class MarketMemory {
  readonly #marks = new Map<string, Decimal>();
  #instruments: ReadonlyMap<string, Instrument> = new Map();

  readonly bookSeen = ({ symbol, bids, asks }: BookMessage): void => {
    const bid = bids[0]?.[0];
    const ask = asks[0]?.[0];
    if (bid !== undefined && ask !== undefined) this.#marks.set(symbol, divide(add(bid, ask), TWO, 'floor'));
  };

  readonly marks = (): ReadonlyMap<string, Decimal> => this.#marks;

  readonly instrument = (symbol: string): Instrument | undefined => this.#instruments.get(symbol);

  /** Fails while the venue's rules of a symbol that is traded are unknown: approvals for it wait, and run out of time. */
  checkInstruments(symbols: readonly string[]): CheckResult {
    const missing = symbols.filter((symbol) => !this.#instruments.has(symbol));
    if (missing.length === 0) return OK;
    return failed('InstrumentUnknown', `ws has published no rules of ${missing.join(', ')} yet`);
  }

  /** Reads the rules again and again; an empty Redis takes nothing away. */
  instrumentReader(
    read: () => Promise<ReadonlyMap<string, Instrument>>,
    kit: Pick<PeriodicOptions, 'clock' | 'log'>,
  ): Periodic {
    return periodic({
      name: 'instruments',
      intervalMs: READ_MS,
      clock: kit.clock,
      log: kit.log,
      task: async () => {
        this.#instruments = new Map([...this.#instruments, ...(await read())]);
      },
    });
  }
}
