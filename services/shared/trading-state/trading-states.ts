import type { TradingStateRequest, TradingStatus } from '../contracts/control.ts';
import type { Side } from '../domain/side.ts';
import {
  allowsOrder,
  isMoreRestrictive,
  mostRestrictive,
  succeed,
  succeedAsCopy,
  type SourceState,
  type StateCommand,
  type TradingState,
} from '../domain/trading-state.ts';
import type { Clock } from '../runtime/clock.ts';
import { messageOf } from '../runtime/errors.ts';
import { failed, OK, type CheckResult } from '../runtime/health.ts';
import type { Logger } from '../runtime/logger.ts';
import { pause } from '../runtime/periodic.ts';
import type { ServicePart } from '../runtime/service-part.ts';
import { byRestriction, isSaved, type HeldState } from './held-state.ts';
import { mergeRead } from './merge-read.ts';
import type { StateMetrics } from './state-metrics.ts';

/** The record of trading states in Postgres. Both reject while it is unavailable. */
export interface TradingStateStore {
  readTradingStates(): Promise<readonly SourceState[]>;
  /** Returns what the record has of the source and keeps, because it is as new; undefined if it took the command. */
  setTradingState(command: StateCommand): Promise<SourceState | undefined>;
}

/** A state in the journal, with whether the record has it. */
export interface JournaledState extends SourceState {
  readonly saved: boolean;
}

/** A copy of the states on the local disk, for a start while Postgres is unavailable. */
export interface StateJournal {
  /** Returns the states that were written last; none if there are none or they cannot be read. Never throws. */
  read(): readonly JournaledState[];
  /** Writes at most 1,000 states. */
  write(states: readonly JournaledState[]): Promise<void>;
}

export interface TradingStatesOptions {
  readonly store: TradingStateStore;
  /** Undefined for a service that does not need it. */
  readonly journal?: StateJournal | undefined;
  readonly metrics?: StateMetrics | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Result of a command. */
export interface Applied {
  /** False when a less restrictive state, or a copy, was refused because its revision is not newer. */
  readonly accepted: boolean;
  readonly reason: string;
}

/** Pause after a failed write to the record. */
const RETRY_MS = 500;
/** Bounds of the contract and of the journal. */
const REPORTED_MAX = 100;
const JOURNALED_MAX = 1_000;

/**
 * The trading state of a process, by source. The most restrictive source decides.
 * States: unknown (nothing was read yet: no new risk, but exits may be sent) -> known.
 * A command changes the memory at once, then the journal, then the record, however long that is unavailable. Only the
 * newest command of each source is saved, and the record keeps what it has if that is newer: a halt that was lifted
 * before it could be saved must not follow its lift, which another process may have saved already. What a read of the
 * record changes is in merge-read.ts.
 */
export class TradingStates implements ServicePart {
  readonly name = 'trading states';
  readonly #options: TradingStatesOptions;
  readonly #held = new Map<string, HeldState>();
  readonly #listeners: (() => void)[] = [];
  /** Numbers reads and writes of the record in the order in which reads start and writes end. */
  #sequence = 0;
  readonly #savedAt = new Map<string, number>();
  #mergedAt = 0;
  #known = false;
  /** Writes of the journal that have not ended, and why the last one failed. */
  #journaling = 0;
  #journalProblem = '';
  #state: TradingState;
  #wake = Promise.withResolvers<void>();
  #saved = Promise.withResolvers<void>();

  constructor(options: TradingStatesOptions) {
    this.#options = options;
    for (const { saved, ...row } of options.journal?.read() ?? [])
      this.#held.set(row.source, { row, stage: saved ? 'Recorded' : 'Waiting' });
    this.#state = this.#effective();
    options.metrics?.onState(this.#state);
  }

  /** The most restrictive state of all sources. Before the first read: Reducing, or what the journal has. */
  get state(): TradingState {
    return this.#state;
  }

  get sources(): readonly SourceState[] {
    return [...this.#held.values()].map(({ row }) => row);
  }

  /** Whether an order of a side may be sent. */
  allows(side: Side): boolean {
    return allowsOrder(this.#state, side);
  }

  /** Lists the most restrictive sources first, and at most 100. */
  status(): TradingStatus {
    const sources = byRestriction(this.#held.values()).slice(0, REPORTED_MAX);
    const persisted = this.#known && this.#unsaved() === undefined;
    const journaled = this.#journaling === 0 && this.#journalProblem === '';
    const journal = this.#options.journal === undefined ? {} : { journaled };
    return { state: this.#state, sources: sources.map(({ row }) => row), persisted, ...journal };
  }

  /** Fails while the disk of the pod cannot be written: what is not saved in the record is lost with the process. */
  checkJournal(): CheckResult {
    return this.#journalProblem === '' ? OK : failed('JournalFailing', this.#journalProblem);
  }

  /** Calls `listener` synchronously after every change of the state that decides. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Applies a command to the memory, before it returns. The journal and the record follow; see `saved`. */
  apply(request: TradingStateRequest): Applied {
    const { source, state, revision, copied = false } = request;
    const known = this.#held.get(source)?.row;
    const isRepeated = known?.state === state;
    const next = successorOf(request, known);
    const outcome = next === undefined ? 'Refused' : 'Applied';
    this.#options.metrics?.onCommand(source, isRepeated ? 'Repeated' : outcome);
    if (next !== undefined) this.#obey(next, copied);
    const isRefused = next === undefined && !isRepeated;
    return { accepted: !isRefused, reason: isRefused ? notAbove(revision, known) : '' };
  }

  /** Resolves when the record has every command, or after `ms`. Never rejects. */
  async saved(ms: number): Promise<void> {
    if (this.#unsaved() === undefined) return;
    const done = new AbortController();
    await Promise.race([this.#saved.promise, pause(this.#options.clock, ms, done.signal)]);
    done.abort();
  }

  /** Reads the record. Rejects when it is unavailable; what is known stays. */
  async load(): Promise<void> {
    this.#sequence += 1;
    const issuedAt = this.#sequence;
    this.#merge(await this.#options.store.readTradingStates(), issuedAt);
  }

  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.#wake.resolve(), { once: true });
    while (!signal.aborted) {
      const next = this.#unsaved();
      if (next === undefined) await this.#sleep();
      else await this.#saveOne(next, signal);
    }
  }

  #obey(command: StateCommand, copied: boolean): void {
    const { log, clock } = this.#options;
    log.warn({ ...command, copied }, 'trading state requested');
    const row = { ...command, sinceMs: clock.nowMs() };
    // A copy may be late: it does not follow what the record has.
    const isBlind = !this.#known && (!copied || this.#held.get(command.source)?.stage === 'Blind');
    this.#held.set(command.source, { row, stage: isBlind ? 'Blind' : 'Waiting' });
    this.#update();
    this.#journal();
    this.#wake.resolve();
  }

  async #sleep(): Promise<void> {
    await this.#wake.promise;
    this.#wake = Promise.withResolvers();
  }

  #unsaved(): HeldState | undefined {
    return [...this.#held.values()].find((held) => !isSaved(held));
  }

  async #saveOne(next: HeldState, signal: AbortSignal): Promise<void> {
    const { store, clock, log } = this.#options;
    const { sinceMs: _sinceMs, ...command } = next.row;
    const { source, state } = command;
    try {
      // A command that was given before the first read follows what the record has, at the revision that this shows.
      if (!this.#known) return await this.load();
      const kept = await store.setTradingState(command);
      if (this.#held.get(source) === next) this.#onSaved(next, kept);
    } catch (error) {
      log.warn({ source, state, problem: messageOf(error) }, 'saving a trading state failed');
      this.#giveTurn(source);
      await pause(clock, RETRY_MS, signal);
    }
  }

  /** The process obeys what the record keeps, as all others do: it never reports as saved what was dropped. */
  #onSaved({ row }: HeldState, kept: SourceState | undefined): void {
    this.#sequence += 1;
    this.#savedAt.set(row.source, this.#sequence);
    this.#held.set(row.source, kept === undefined ? { row, stage: 'Saved' } : { row: kept, stage: 'Recorded' });
    this.#update();
    this.#journal();
    this.#settle();
  }

  /** A state that the record refuses must not hold back those of other sources. */
  #giveTurn(source: string): void {
    const held = this.#held.get(source);
    this.#held.delete(source);
    if (held !== undefined) this.#held.set(source, held);
  }

  #settle(): void {
    if (this.#unsaved() !== undefined) return;
    this.#saved.resolve();
    this.#saved = Promise.withResolvers();
  }

  #journal(): void {
    const { journal, log } = this.#options;
    if (journal === undefined) return;
    const newest = byRestriction(this.#held.values()).slice(0, JOURNALED_MAX);
    const written = (problem: string): void => {
      this.#journaling -= 1;
      this.#journalProblem = problem;
    };
    this.#journaling += 1;
    journal.write(newest.map((held) => ({ ...held.row, saved: isSaved(held) }))).then(
      () => written(''),
      (error: unknown) => {
        written(messageOf(error));
        log.error({ problem: messageOf(error) }, 'journal of trading states not written');
      },
    );
  }

  #merge(record: readonly SourceState[], issuedAt: number): void {
    const isNewest = issuedAt > this.#mergedAt;
    this.#mergedAt = Math.max(this.#mergedAt, issuedAt);
    const reads = new Map(record.map((read) => [read.source, read]));
    const changes = [...new Set([...reads.keys(), ...this.#held.keys()])].map((source) => {
      const isCurrent = isNewest && issuedAt > (this.#savedAt.get(source) ?? 0);
      return this.#hold(source, mergeRead(this.#held.get(source), reads.get(source), isCurrent));
    });
    this.#known = true;
    this.#update();
    if (!changes.includes(true)) return;
    this.#journal();
    this.#wake.resolve();
    this.#settle();
  }

  /** Returns whether this changes what is held. */
  #hold(source: string, next: HeldState | undefined): boolean {
    const before = this.#held.get(source);
    if (next === undefined || next === before) return false;
    this.#held.set(source, next);
    if (before !== undefined && isSaved(before) && !isSaved(next))
      this.#options.log.error({ ...next.row }, 'the record lost a trading state, it is saved again');
    return true;
  }

  #effective(): TradingState {
    const state = mostRestrictive(this.sources.map((source) => source.state));
    return this.#known || isMoreRestrictive(state, 'Reducing') ? state : 'Reducing';
  }

  #update(): void {
    const before = this.#state;
    this.#state = this.#effective();
    if (before === this.#state) return;
    this.#options.metrics?.onState(this.#state);
    const by = this.sources.filter(({ state }) => state === this.#state).map(({ source }) => source);
    this.#options.log.warn({ from: before, to: this.#state, by }, 'trading state changed');
    for (const listener of this.#listeners) listener();
  }
}

function successorOf(
  { copied, ...command }: TradingStateRequest,
  known: SourceState | undefined,
): StateCommand | undefined {
  return copied === true ? succeedAsCopy(command, known) : succeed(command, known);
}

function notAbove(revision: number, known: SourceState | undefined): string {
  return `revision ${revision} is not above ${known?.revision}`;
}
