import * as fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { virtualClock, type VirtualClock } from '../../../test/harness/virtual-clock.ts';
import {
  isMoreRestrictive,
  isNewer,
  mostRestrictive,
  succeed,
  TRADING_STATES,
  type SourceState,
  type StateCommand,
  type TradingState,
} from '../domain/trading-state.ts';
import { createLogger } from '../runtime/logger.ts';
import { TradingStates, type StateJournal } from './trading-states.ts';

const log = createLogger({ name: 'test', level: 'silent' });
let clock: VirtualClock;
let record: SourceState[];
let unavailable: boolean;
/** How long a statement takes: half before and half after it reaches the record. */
let statementMs: number;
let written: StateCommand[];

beforeEach(() => {
  clock = virtualClock();
  record = [];
  unavailable = false;
  statementMs = 0;
  written = [];
});

const store = {
  readTradingStates: async () => await statement(() => [...record]),
  setTradingState: async (command: StateCommand) =>
    await statement(() => {
      written.push(command);
      const known = record.find(({ source }) => source === command.source);
      if (known !== undefined && !isNewer(command, known)) return known;
      record = [...record.filter((row) => row !== known), { ...command, sinceMs: 0 }];
      return undefined;
    }),
};

async function statement<T>(run: () => T): Promise<T> {
  if (statementMs > 0) await clock.sleep(statementMs / 2);
  if (unavailable) throw new Error('Postgres is unavailable');
  const result = run();
  if (statementMs > 0) await clock.sleep(statementMs / 2);
  return result;
}

function command(state: TradingState, revision = 1, source = 'spec'): StateCommand {
  return { source, state, author: 'ada', reason: 'why', revision };
}

function start(journal?: StateJournal): TradingStates {
  const states = new TradingStates({ store, clock, log, journal });
  void states.run(new AbortController().signal);
  return states;
}

describe('a process that does not know the trading state yet', () => {
  it('sends no entries, but exits', () => {
    const states = start();
    expect([states.allows('buy'), states.allows('sell')]).toEqual([false, true]);
    expect(states.status()).toEqual({ state: 'Reducing', sources: [], persisted: false });
  });

  it('is Active once the record was read and nobody asks for less', async () => {
    const states = start();
    await states.load();
    expect(states.status()).toEqual({ state: 'Active', sources: [], persisted: true });
  });

  it('starts with what the journal has, and saves it, because the record may not have it', async () => {
    const halt = { ...command('Halted'), sinceMs: 5, saved: false };
    const states = start({ read: () => [halt], write: async () => await Promise.resolve() });
    expect(states.state).toBe('Halted');
    await clock.advance(1);
    expect(record).toMatchObject([command('Halted')]);
  });
});

describe('a command', () => {
  it('applies before the call returns, and is reported to listeners at once', async () => {
    const states = start();
    await states.load();
    const seen: string[] = [];
    states.onChange(() => seen.push(states.state));
    expect(states.apply(command('Halted'))).toEqual({ accepted: true, reason: '' });
    expect([seen, states.allows('sell')]).toEqual([['Halted'], false]);
    expect(states.status()).toMatchObject({ state: 'Halted', persisted: false });
  });

  it('is saved and retried until the record has it, unless a newer one of its source replaces it', async () => {
    const states = start();
    await states.load();
    unavailable = true;
    states.apply(command('Halted', 1));
    states.apply(command('Reducing', 1, 'annotation'));
    states.apply(command('Active', 2));
    await clock.advance(3_000);
    expect(states.status()).toMatchObject({ state: 'Reducing', persisted: false });
    states.apply(command('Active', 2, 'annotation'));
    unavailable = false;
    await clock.advance(600);
    expect(written.toSorted((a, b) => (a.source < b.source ? 1 : -1))).toEqual([
      command('Active', 2),
      command('Active', 2, 'annotation'),
    ]);
    expect(states.status()).toMatchObject({ state: 'Active', persisted: true });
  });

  it('is refused when it is less restrictive and its revision is not newer', async () => {
    const states = start();
    states.apply(command('Halted', 4));
    expect(states.apply(command('Active', 4))).toEqual({ accepted: false, reason: 'revision 4 is not above 4' });
    expect(states.apply(command('Halted', 3)), 'repeated').toEqual({ accepted: true, reason: '' });
    expect(states.state).toBe('Halted');
    await clock.advance(1);
    expect(written).toEqual([command('Halted', 4)]);
  });

  it('of one source does not lift the state of another', async () => {
    const states = start();
    await states.load();
    states.apply(command('Halted', 1, 'annotation'));
    states.apply(command('Reducing', 1, 'spec'));
    states.apply(command('Active', 2, 'spec'));
    expect(states.state).toBe('Halted');
    states.apply(command('Active', 2, 'annotation'));
    expect(states.state).toBe('Active');
  });

  it('waits for the record only as long as asked', async () => {
    const states = start();
    await states.load();
    statementMs = 10_000;
    states.apply(command('Halted'));
    let saved = false;
    void states.saved(500).then(() => {
      saved = true;
    });
    await clock.advance(499);
    expect(saved).toBe(false);
    await clock.advance(2);
    expect(saved).toBe(true);
    await clock.advance(10_000);
    await states.saved(500);
    expect(states.status().persisted).toBe(true);
  });

  it('is written to the journal before the record has it', async () => {
    const journaled: (readonly SourceState[])[] = [];
    const journal = { read: () => [], write: async (rows: readonly SourceState[]) => void journaled.push(rows) };
    unavailable = true;
    const states = start(journal);
    states.apply(command('Halted'));
    await clock.advance(1);
    expect(journaled).toMatchObject([[command('Halted')]]);
  });
});

describe('the record', () => {
  it('adds what others wrote, and lifts what they lifted', async () => {
    const states = start();
    record = [{ ...command('Halted', 0, 'console'), sinceMs: 1 }];
    await states.load();
    expect(states.state).toBe('Halted');
    record = [{ ...command('Active', 0, 'console'), sinceMs: 2 }];
    await states.load();
    expect(states.state).toBe('Active');
  });

  it('does not undo a command that it did not have when it was read', async () => {
    const states = start();
    states.apply(command('Halted', 1));
    await clock.advance(1);
    statementMs = 100;
    const reading = states.load();
    await clock.advance(60);
    states.apply(command('Active', 2));
    await clock.advance(200);
    await reading;
    expect(states.state).toBe('Active');
  });

  it('keeps the last known states while it is unavailable', async () => {
    const states = start();
    states.apply(command('Halted'));
    await clock.advance(1);
    unavailable = true;
    await expect(states.load()).rejects.toThrow('Postgres is unavailable');
    expect(states.state).toBe('Halted');
  });
});

type Step =
  | { readonly kind: 'Command'; readonly command: StateCommand }
  | { readonly kind: 'Load' | 'Fail' | 'Recover' }
  | { readonly kind: 'Wait'; readonly ms: number };

it('never forgets a halt that nobody lifted, and converges with the record, whatever happens in between', async () => {
  const anyCommand = fc
    .record({
      source: fc.constantFrom('spec', 'annotation'),
      state: fc.constantFrom(...TRADING_STATES),
      revision: fc.nat(6),
    })
    .map((given): Step => ({ kind: 'Command', command: { ...given, author: 'a', reason: 'r' } }));
  const step = fc.oneof(
    anyCommand,
    fc.constantFrom<Step>({ kind: 'Load' }, { kind: 'Fail' }, { kind: 'Recover' }),
    fc.nat(400).map((ms): Step => ({ kind: 'Wait', ms })),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.nat(300), async (steps, slownessMs) => {
      [clock, record, unavailable, statementMs, written] = [virtualClock(), [], false, slownessMs, []];
      const states = start();
      const wanted = new Map<string, StateCommand>();
      for (const next of steps) {
        if (next.kind === 'Command') {
          const { source } = next.command;
          wanted.set(source, succeed(next.command, wanted.get(source)) ?? wanted.get(source) ?? next.command);
          states.apply(next.command);
        } else if (next.kind === 'Load') void states.load().catch(() => undefined);
        else if (next.kind === 'Wait') await clock.advance(next.ms);
        else unavailable = next.kind === 'Fail';
        const least = mostRestrictive([...wanted.values()].map(({ state }) => state));
        expect(isMoreRestrictive(least, states.state)).toBe(false);
      }
      unavailable = false;
      await clock.advance(30_000);
      void states.load();
      await clock.advance(1_000);
      const expected = mostRestrictive([...wanted.values()].map(({ state }) => state));
      expect(states.status()).toMatchObject({ state: expected, persisted: true });
      expect(mostRestrictive(record.map(({ state }) => state))).toBe(expected);
    }),
    { numRuns: 150 },
  );
}, 60_000);
