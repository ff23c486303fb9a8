import type { Clock } from '../../shared/runtime/clock.ts';
import { failed, OK, type CheckResult } from '../../shared/runtime/health.ts';
import {
  afterRun,
  comparedBefore,
  NOT_COMPARED,
  ordersTaken,
  overdueAfterMs,
  wholeAgeMs,
  type Comparison,
  type ComparisonFailure,
  type ComparisonResult,
} from '../core/reconcile/comparison.ts';
import { comparisonText, sinceText } from '../core/reconcile/comparison-text.ts';
import type { Unreconciled } from '../core/sending.ts';
import type { ComparedAges } from '../core/swap/compared-ages.ts';

export interface ComparisonsOptions {
  /** The configured instruments. Orders of others, which an earlier release left behind, are compared too. */
  readonly symbols: readonly string[];
  readonly intervalMs: number;
  readonly clock: Clock;
}

/**
 * What this process has learned from the venue since it holds the fence: of each instrument by itself, and of the
 * balances and the clock. What fails for one of them concerns no other.
 */
export class Comparisons {
  readonly #options: ComparisonsOptions;
  readonly #overdueMs: number;
  readonly #instruments = new Map<string, Comparison>();
  #balances = NOT_COMPARED;
  #clock = NOT_COMPARED;

  constructor(options: ComparisonsOptions) {
    this.#options = options;
    this.#overdueMs = overdueAfterMs(options.intervalMs);
    for (const symbol of options.symbols) this.#instruments.set(symbol, NOT_COMPARED);
  }

  record(symbol: string, result: ComparisonResult): void {
    const before = this.#instruments.get(symbol) ?? NOT_COMPARED;
    this.#instruments.set(symbol, afterRun(before, result, this.#options.clock.monotonicMs()));
  }

  /** The run of this instrument goes on: what it has learned so far is enough for exits. */
  recordAnswer(symbol: string): void {
    const before = this.#instruments.get(symbol) ?? NOT_COMPARED;
    this.#instruments.set(symbol, { ...before, answered: true });
  }

  /** Forgets the instruments that are neither configured nor have orders any more. */
  retain(symbols: ReadonlySet<string>): void {
    for (const symbol of this.#instruments.keys()) if (!symbols.has(symbol)) this.#instruments.delete(symbol);
  }

  /** Forgets everything: the next grant begins with nothing. */
  reset(): void {
    this.#instruments.clear();
    for (const symbol of this.#options.symbols) this.#instruments.set(symbol, NOT_COMPARED);
    this.#balances = NOT_COMPARED;
    this.#clock = NOT_COMPARED;
  }

  /** What takes all orders, apart from the instruments of `except`. */
  ages(except: ReadonlySet<string>): ComparedAges {
    const limits = { nowMs: this.#options.clock.monotonicMs(), staleMs: this.#overdueMs };
    const ages = this.#configured().flatMap(([symbol, comparison]) => {
      const ageMs = except.has(symbol) ? undefined : wholeAgeMs(comparison, limits);
      return ageMs === undefined ? [] : [[symbol, ageMs] as const];
    });
    return { instruments: Object.fromEntries(ages), balances: wholeAgeMs(this.#balances, limits) ?? null };
  }

  /** Takes over what an older sender had compared, apart from the instruments of `except`. */
  takeOver({ instruments, balances }: ComparedAges, except: ReadonlySet<string>): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const symbol of this.#options.symbols) {
      const ageMs = except.has(symbol) ? undefined : instruments[symbol];
      if (ageMs !== undefined) this.#instruments.set(symbol, comparedBefore(nowMs - ageMs));
    }
    if (balances !== null) this.#balances = comparedBefore(nowMs - balances);
  }

  recordBalances(failure: ComparisonFailure | undefined): void {
    this.#balances = this.#account(this.#balances, failure);
  }

  recordClock(failure: ComparisonFailure | undefined): void {
    this.#clock = this.#account(this.#clock, failure);
  }

  #account(before: Comparison, failure: ComparisonFailure | undefined): Comparison {
    return afterRun(before, { answered: failure === undefined, failure }, this.#options.clock.monotonicMs());
  }

  /** Whether a sender may become active: the clock is known, and at least one instrument takes exits. */
  get ready(): boolean {
    if (this.#clock.comparedMs === undefined) return false;
    return this.#configured().some(([, { answered }]) => answered);
  }

  /**
   * Whether something has not been compared once, or continues in the next run, so that this should not wait for its
   * interval.
   */
  get pending(): boolean {
    const first = [...this.#configured().map(([, comparison]) => comparison), this.#balances];
    return first.some(
      ({ comparedMs, failure }) =>
        (comparedMs === undefined && failure?.refusal === undefined) || failure?.continues === true,
    );
  }

  /** Milliseconds since the last complete comparison of any instrument; null before the first. */
  ageMs(): number | null {
    const times = this.#configured().flatMap(([, { comparedMs }]) => comparedMs ?? []);
    return times.length === 0 ? null : this.#options.clock.monotonicMs() - Math.max(...times);
  }

  /** Returns the age of each comparison that is older than the newest, because the last run did not complete it. */
  figures(): Readonly<Record<string, number | null>> {
    const nowMs = this.#options.clock.monotonicMs();
    const older = [...this.#instruments].filter(([, { failure }]) => failure !== undefined);
    return Object.fromEntries(
      older.map(([symbol, { comparedMs }]) => [
        `reconcileAgeMs.${symbol}`,
        comparedMs === undefined ? null : nowMs - comparedMs,
      ]),
    );
  }

  /** Returns what takes no orders, or no entries, until it has been compared. */
  unreconciled(): readonly Unreconciled[] {
    const limits = { nowMs: this.#options.clock.monotonicMs(), staleMs: this.#overdueMs };
    const instruments = this.#configured().flatMap(([symbol, comparison]): readonly Unreconciled[] => {
      const taken = ordersTaken(comparison, limits);
      return taken === 'All' ? [] : [{ symbol, exits: taken === 'Exits', problem: comparisonText(symbol, comparison) }];
    });
    if (ordersTaken(this.#balances, limits) === 'All') return instruments;
    return [...instruments, { symbol: undefined, exits: true, problem: comparisonText('balances', this.#balances) }];
  }

  /**
   * Fails when something has not been compared for too long, since `grantedMs` at the earliest, and at once when the
   * venue refuses a pair.
   */
  check(grantedMs: number): CheckResult {
    const nowMs = this.#options.clock.monotonicMs();
    const all = [...this.#instruments, ['balances', this.#balances] as const, ['clock', this.#clock] as const];
    const overdue = all.filter(([, { comparedMs }]) => nowMs - (comparedMs ?? grantedMs) > this.#overdueMs);
    const refused = all.filter(([, { failure }]) => failure?.refusal !== undefined);
    const silent = overdue.filter((one) => !refused.includes(one));
    const texts = [...silent, ...refused].map(
      ([name, comparison]) => `${comparisonText(name, comparison)}${sinceText(comparison, { nowMs, grantedMs })}`,
    );
    if (silent.length > 0) return failed('ReconcileOverdue', texts.join('; '));
    return refused.length > 0 ? failed('PairRefused', texts.join('; ')) : OK;
  }

  #configured(): readonly (readonly [string, Comparison])[] {
    return this.#options.symbols.map((symbol) => [symbol, this.#instruments.get(symbol) ?? NOT_COMPARED]);
  }
}
