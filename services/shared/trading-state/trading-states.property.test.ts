import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { StateRecord } from '../../../test/harness/state-record.ts';
import { memoryJournal } from '../../../test/harness/trading-states.ts';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import {
  isMoreRestrictive,
  mostRestrictive,
  TRADING_STATES,
  type SourceState,
  type TradingState,
} from '../domain/trading-state.ts';
import { createLogger } from '../runtime/logger.ts';
import { TradingStates, type StateJournal } from './trading-states.ts';

const log = createLogger({ name: 'test', level: 'silent' });

/** What somebody asks for, in the order of asking. */
interface Statement {
  readonly source: string;
  readonly state: TradingState;
  readonly revision: number;
}

type Step =
  | { readonly kind: 'Command'; readonly to: readonly number[]; readonly given: Statement }
  | { readonly kind: 'Hand'; readonly state: TradingState }
  | { readonly kind: 'Load' | 'Restart'; readonly process: number }
  | { readonly kind: 'Fail' | 'Recover' | 'Remember' | 'GoBack' }
  | { readonly kind: 'Wait'; readonly ms: number };

const anyState = fc.constantFrom(...TRADING_STATES);
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('Command' as const),
    to: fc.constantFrom([0], [1], [0, 1], [1, 0]),
    given: fc.record({ source: fc.constantFrom('spec', 'command'), state: anyState, revision: fc.nat(6) }),
  }),
  fc.record({ kind: fc.constant('Hand' as const), state: anyState }),
  fc.record({ kind: fc.constant('Load' as const), process: fc.nat(1) }),
  fc.record({ kind: fc.constant('Restart' as const), process: fc.nat(1) }),
  fc.constantFrom<Step>({ kind: 'Fail' }, { kind: 'Recover' }, { kind: 'Remember' }, { kind: 'GoBack' }),
  fc.record({ kind: fc.constant('Wait' as const), ms: fc.nat(400) }),
);

/** Two processes with journals and one record. Each statement has its number as its reason, wherever it arrives. */
class Scene {
  readonly clock = virtualClock();
  readonly record = new StateRecord(this.clock);
  readonly statements: Statement[] = [];
  readonly #journals = [memoryJournal(), memoryJournal()];
  readonly #stops = [new AbortController(), new AbortController()];
  readonly processes: TradingStates[];
  #remembered: readonly SourceState[] = [];

  constructor(statementMs: number) {
    this.record.statementMs = statementMs;
    this.processes = [0, 1].map((process) => this.#start(process));
  }

  async run(step: Step): Promise<void> {
    // Rows by hand get their place in the history from the time.
    await this.clock.advance(step.kind === 'Wait' ? step.ms : 1);
    if (step.kind === 'Command') this.#command(step.to, step.given);
    else if (step.kind === 'Hand') this.record.byHand(step.state, 'desk', this.#state({ ...step, source: 'desk' }));
    else if (step.kind === 'Load') void this.processes[step.process]?.load().catch(() => undefined);
    else if (step.kind === 'Restart') this.#restart(step.process);
    else if (step.kind === 'Remember') this.#remembered = this.record.rows;
    else if (step.kind === 'GoBack') this.record.rows = this.#remembered;
    else if (step.kind !== 'Wait') this.record.unavailable = step.kind === 'Fail';
  }

  async settle(): Promise<void> {
    this.record.unavailable = false;
    for (let round = 0; round < 6; round += 1) {
      for (const states of this.processes) void states.load();
      await this.clock.advance(2_000);
    }
  }

  stop(): void {
    for (const stop of this.#stops) stop.abort();
  }

  #start(process: number): TradingStates {
    const { record: store, clock } = this;
    const stop = new AbortController();
    this.#stops[process] = stop;
    const journal = this.#journals[process] ?? memoryJournal();
    // A process that was killed writes nothing any more.
    const write: StateJournal['write'] = async (rows) => await (stop.signal.aborted ? undefined : journal.write(rows));
    const states = new TradingStates({ store, clock, log, journal: { read: () => journal.read(), write } });
    void states.run(stop.signal);
    return states;
  }

  #restart(process: number): void {
    this.#stops[process]?.abort();
    this.processes[process] = this.#start(process);
  }

  #command(to: readonly number[], given: Statement): void {
    const reason = this.#state(given);
    for (const process of to) this.processes[process]?.apply({ ...given, author: 'a', reason });
  }

  #state({ source, state, revision = 0 }: Omit<Statement, 'revision'> & Partial<Statement>): string {
    this.statements.push({ source, state, revision });
    return `${this.statements.length}`;
  }
}

/** A held state gives way to a less restrictive one only if that was asked for later, or has a higher revision. */
function expectNoLift(before: readonly SourceState[], after: readonly SourceState[]): void {
  for (const held of before) {
    const now = after.find(({ source }) => source === held.source);
    if (now !== undefined && !isMoreRestrictive(held.state, now.state)) continue;
    expect([held, now]).toEqual([held, expect.anything()]);
    const isLifted = Number(now?.reason) > Number(held.reason) || (now?.revision ?? 0) > held.revision;
    expect([held, now, isLifted]).toEqual([held, now, true]);
  }
}

function effective(sources: readonly SourceState[]): TradingState {
  return mostRestrictive(sources.map(({ state }) => state));
}

function bySource(sources: readonly SourceState[]): Readonly<Record<string, TradingState>> {
  return Object.fromEntries(sources.map(({ source, state }) => [source, state]));
}

it('no order of commands, rows, reads, failures, restarts and losses lifts a halt, and all processes agree', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { maxLength: 30 }), fc.constantFrom(0, 0, 90, 300), async (steps, slowMs) => {
      const scene = new Scene(slowMs);
      for (const step of steps) {
        const before = scene.processes.map(({ sources }) => sources);
        await scene.run(step);
        for (const [process, states] of scene.processes.entries()) {
          expectNoLift(before[process] ?? [], states.sources);
          expect(isMoreRestrictive(effective(states.sources), states.state)).toBe(false);
        }
      }
      const before = scene.processes.map(({ sources }) => sources);
      await scene.settle();
      scene.stop();
      for (const [process, states] of scene.processes.entries()) {
        expectNoLift(before[process] ?? [], states.sources);
        expect(states.status()).toMatchObject({ persisted: true, state: effective(scene.record.rows) });
        expect(bySource(states.sources)).toEqual(bySource(scene.record.rows));
      }
    }),
    { numRuns: 400 },
  );
}, 60_000);

it('a lift with the highest revision that reaches every process leaves the stack Active, whatever failed', async () => {
  const harmless = anyStep.filter(({ kind }) => kind !== 'GoBack' && kind !== 'Hand');
  await fc.assert(
    fc.asyncProperty(
      fc.array(harmless, { maxLength: 25 }),
      fc.array(harmless, { maxLength: 6 }),
      fc.constantFrom(0, 90, 300),
      async (steps, late, slowMs) => {
        const scene = new Scene(slowMs);
        for (const step of steps) await scene.run(step);
        for (const source of ['spec', 'command'])
          await scene.run({ kind: 'Command', to: [0, 1], given: { source, state: 'Active', revision: 9 } });
        for (const step of late) if (step.kind !== 'Command') await scene.run(step);
        await scene.settle();
        scene.stop();
        expect(scene.processes.map(({ state }) => state)).toEqual(['Active', 'Active']);
        expect(effective(scene.record.rows)).toBe('Active');
      },
    ),
    { numRuns: 200 },
  );
}, 60_000);
