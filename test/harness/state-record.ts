import type { Clock } from '../../services/shared/runtime/clock.ts';
import {
  isNewer,
  type SourceState,
  type StateCommand,
  type TradingState,
} from '../../services/shared/domain/trading-state.ts';
import type { TradingStateStore } from '../../services/shared/trading-state/trading-states.ts';

/** The record of trading states in memory, for several processes. It can be slow, unavailable, and go back. */
export class StateRecord implements TradingStateStore {
  rows: readonly SourceState[] = [];
  unavailable = false;
  /** How long a statement takes: half before and half after it reaches the record. */
  statementMs = 0;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  readonly readTradingStates = async (): Promise<readonly SourceState[]> => await this.#statement(() => this.rows);

  readonly setTradingState = async (command: StateCommand): Promise<SourceState | undefined> =>
    await this.#statement(() => {
      const known = this.#known(command.source);
      if (known !== undefined && !isNewer(command, known)) return known;
      this.#append({ ...command, sinceMs: this.#clock.nowMs() });
      return undefined;
    });

  /** Inserts a row as a person does, with neither author nor revision. */
  byHand(state: TradingState, source = 'desk', reason = 'by hand'): void {
    const revision = this.#known(source)?.revision ?? 0;
    this.#append({ source, state, author: '', reason, revision, sinceMs: this.#clock.nowMs() });
  }

  #known(source: string): SourceState | undefined {
    return this.rows.find((row) => row.source === source);
  }

  #append(row: SourceState): void {
    this.rows = [...this.rows.filter(({ source }) => source !== row.source), row];
  }

  async #statement<T>(run: () => T): Promise<T> {
    if (this.statementMs > 0) await this.#clock.sleep(this.statementMs / 2);
    if (this.unavailable) throw new Error('Postgres is unavailable');
    const result = run();
    if (this.statementMs > 0) await this.#clock.sleep(this.statementMs / 2);
    return result;
  }
}
