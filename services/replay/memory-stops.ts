import { maximum } from '../shared/domain/decimal.ts';
import { endsWithEntry, stopOf, type EntryOf, type StopRecord } from '../risk/core/stops/stop-record.ts';
import { presentRules } from '../risk/core/stops/stop-rules.ts';
import type { RiskStore, StopKey, TriggeredRecord } from '../risk/ports.ts';

/** The rows of risk.stops in memory. */
export class MemoryStops implements Pick<
  RiskStore,
  'beginStop' | 'changeStopRules' | 'raiseStop' | 'triggerStop' | 'endStop'
> {
  #rows: readonly StopRecord[] = [];
  readonly #onTrigger: (record: TriggeredRecord) => void;

  constructor(onTrigger: (record: TriggeredRecord) => void = () => {}) {
    this.#onTrigger = onTrigger;
  }

  get rows(): readonly StopRecord[] {
    return this.#rows;
  }

  readonly beginStop: RiskStore['beginStop'] = async ({ strategy, symbol, openedAtMs }, rules) => {
    await Promise.resolve();
    if (stopOf(this.#rows, { strategy, symbol }) !== undefined) return;
    const row = {
      strategy,
      symbol,
      openedAtMs,
      highPrice: undefined,
      rules: presentRules(rules),
      triggered: undefined,
    };
    this.#rows = [...this.#rows, row];
  };

  readonly changeStopRules: RiskStore['changeStopRules'] = async (key, rules) => {
    await Promise.resolve();
    this.#change(key, (row) => ({ ...row, rules: presentRules(rules) }));
  };

  readonly raiseStop: RiskStore['raiseStop'] = async (key, highPrice) => {
    await Promise.resolve();
    this.#change(key, (row) => ({
      ...row,
      highPrice: row.highPrice === undefined ? highPrice : maximum(row.highPrice, highPrice),
    }));
  };

  readonly triggerStop: RiskStore['triggerStop'] = async (record) => {
    const { highPrice, triggered } = record;
    if (highPrice !== undefined) await this.raiseStop(record, highPrice);
    const isFirst = this.#change(record, (row) => ({ ...row, triggered }));
    if (isFirst) this.#onTrigger(record);
    return isFirst;
  };

  readonly endStop: RiskStore['endStop'] = async (key) => {
    await Promise.resolve();
    this.#change(key, () => undefined);
  };

  /** Called for each approved entry: it ends the record of an earlier position. */
  endAtEntry({ strategy, symbol }: Pick<StopRecord, 'strategy' | 'symbol'>, entry: EntryOf): void {
    this.#rows = this.#rows.filter(
      (row) => row.strategy !== strategy || row.symbol !== symbol || !endsWithEntry(row, entry),
    );
  }

  /** Changes the row of exactly this position, unless its stop has triggered. Returns whether there was one. */
  #change(key: StopKey, change: (row: StopRecord) => StopRecord | undefined): boolean {
    const row = stopOf(this.#rows, key);
    if (row === undefined || row.openedAtMs !== key.openedAtMs || row.triggered !== undefined) return false;
    this.#rows = this.#rows.flatMap((one) => (one === row ? (change(row) ?? []) : [one]));
    return true;
  }
}
