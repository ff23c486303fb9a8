import { beforeEach, describe, expect, it } from 'vitest';
import { StateRecord } from '../../../test/harness/state-record.ts';
import { startStates, stateCommand } from '../../../test/harness/trading-states.ts';
import { virtualClock, type VirtualClock } from '../../../test/harness/virtual-clock.ts';
import type { TradingState } from '../domain/trading-state.ts';

let clock: VirtualClock;
let record: StateRecord;

beforeEach(() => {
  clock = virtualClock();
  record = new StateRecord(clock);
});

describe('a record that went back to an older state', () => {
  it.each([
    ['has lost the row', () => []],
    ['has a row of before it', () => [{ ...stateCommand('Active', 1), sinceMs: 1 }]],
  ])('and %s does not lift a halt: it is saved again', async (_what, lost) => {
    const [states] = startStates(clock, record);
    await states.load();
    states.apply(stateCommand('Halted', 2));
    await clock.advance(1);
    await states.load();
    const seen: string[] = [];
    states.onChange(() => seen.push(states.state));
    record.rows = lost();
    await states.load();
    expect(states.status()).toMatchObject({ state: 'Halted', persisted: false });
    await clock.advance(1_000);
    await states.load();
    expect(record.rows).toMatchObject([{ source: 'spec', state: 'Halted', revision: 2 }]);
    expect([states.status().persisted, seen]).toEqual([true, []]);
  });

  it('does not lift a halt by hand either, which has no revision', async () => {
    const [states] = startStates(clock, record);
    record.byHand('Active');
    const older = record.rows;
    await states.load();
    await clock.advance(10);
    record.byHand('Halted');
    await states.load();
    record.rows = older;
    await states.load();
    await clock.advance(1_000);
    await states.load();
    expect([states.state, record.rows[0]?.state]).toEqual(['Halted', 'Halted']);
    await clock.advance(10);
    record.byHand('Active');
    await states.load();
    expect(states.state).toBe('Active');
  });

  it('restricts again what was lifted, and obeys the lift when it is repeated', async () => {
    const [states] = startStates(clock, record);
    await states.load();
    states.apply(stateCommand('Active', 2));
    await clock.advance(1);
    await states.load();
    record.rows = [{ ...stateCommand('Halted', 1), sinceMs: 1 }];
    await states.load();
    expect(states.state).toBe('Halted');
    expect(states.apply(stateCommand('Active', 2)).accepted).toBe(true);
    await clock.advance(1);
    await states.load();
    expect([states.state, record.rows[0]?.state]).toEqual(['Active', 'Active']);
  });
});

describe('a read of the record that returns after a later one', () => {
  async function lateRead(before: TradingState, now: TradingState): Promise<string> {
    let release = (): void => {};
    let isSlow = true;
    const [states] = startStates(clock, {
      setTradingState: record.setTradingState,
      readTradingStates: async () => {
        const rows = await record.readTradingStates();
        if (isSlow) {
          isSlow = false;
          await new Promise<void>((resolve) => {
            release = resolve;
          });
        }
        return rows;
      },
    });
    record.byHand(before);
    const late = states.load();
    await clock.advance(10);
    record.byHand(now);
    await states.load();
    release();
    await late;
    return states.state;
  }

  it('lifts nothing', async () => {
    expect(await lateRead('Active', 'Halted')).toBe('Halted');
  });

  it('revives nothing', async () => {
    expect(await lateRead('Halted', 'Active')).toBe('Active');
  });
});

describe('a read that was issued before a command was saved', () => {
  it('does not count as a loss of the command', async () => {
    let release = (): void => {};
    let isSlow = false;
    const [states] = startStates(clock, {
      setTradingState: record.setTradingState,
      readTradingStates: async () => {
        const rows = await record.readTradingStates();
        if (isSlow) await new Promise<void>((resolve) => (release = resolve));
        return rows;
      },
    });
    await states.load();
    isSlow = true;
    const late = states.load();
    await clock.advance(1);
    states.apply(stateCommand('Halted', 1));
    await clock.advance(1);
    release();
    await late;
    expect(states.status()).toMatchObject({ state: 'Halted', persisted: true });
  });
});
