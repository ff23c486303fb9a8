import { beforeEach, describe, expect, it } from 'vitest';
import { StateRecord } from '../../../test/harness/state-record.ts';
import { startStates, stateCommand } from '../../../test/harness/trading-states.ts';
import { virtualClock, type VirtualClock } from '../../../test/harness/virtual-clock.ts';

let clock: VirtualClock;
let record: StateRecord;

beforeEach(() => {
  clock = virtualClock();
  record = new StateRecord(clock);
});

describe('a command that arrives before the record was read', () => {
  it('restricts, although its revision is below that of a lift in the record', async () => {
    record.rows = [{ ...stateCommand('Active', 100), sinceMs: 1 }];
    record.unavailable = true;
    const [states] = startStates(clock, record);
    states.apply(stateCommand('Halted', 90));
    const seen: string[] = [];
    states.onChange(() => seen.push(states.state));
    record.unavailable = false;
    await states.load();
    await clock.advance(1_000);
    await states.load();
    expect([states.state, seen, record.rows]).toMatchObject(['Halted', [], [{ state: 'Halted', revision: 100 }]]);
  });

  it('does not lift a halt of the record with a revision that is not newer', async () => {
    record.rows = [{ ...stateCommand('Halted', 5), sinceMs: 1 }];
    const [states] = startStates(clock, record);
    states.apply(stateCommand('Active', 5));
    await states.load();
    await clock.advance(1_000);
    expect([states.state, record.rows[0]?.state]).toEqual(['Halted', 'Halted']);
  });
});

describe('a halt and its lift while Postgres is unavailable', () => {
  it('leave every process and the record Active, in whatever order they are saved', async () => {
    const [risk] = startStates(clock, record);
    const [execution] = startStates(clock, record);
    await Promise.all([risk.load(), execution.load()]);
    record.unavailable = true;
    for (const states of [risk, execution]) states.apply(stateCommand('Halted', 1));
    await clock.advance(200);
    for (const states of [risk, execution]) states.apply(stateCommand('Active', 2));
    record.unavailable = false;
    await clock.advance(5_000);
    await Promise.all([risk.load(), execution.load()]);
    expect([risk.state, execution.state, record.rows[0]?.state]).toEqual(['Active', 'Active', 'Active']);
    expect([risk.status().persisted, execution.status().persisted]).toEqual([true, true]);
  });

  it('are superseded by a lift that another process has saved', async () => {
    const [states] = startStates(clock, record);
    await states.load();
    record.unavailable = true;
    states.apply(stateCommand('Halted', 1));
    await clock.advance(100);
    record.unavailable = false;
    await record.setTradingState(stateCommand('Active', 2));
    await states.load();
    await clock.advance(5_000);
    await states.load();
    expect([states.state, record.rows[0]?.state]).toEqual(['Active', 'Active']);
  });
});

describe('a command that another process has saved', () => {
  it('is reported as saved as soon as it is read', async () => {
    let refuses = true;
    const [states] = startStates(clock, {
      readTradingStates: record.readTradingStates,
      setTradingState: async (next) => {
        if (refuses) await new Promise(() => {});
        return await record.setTradingState(next);
      },
    });
    await states.load();
    states.apply(stateCommand('Halted', 1));
    refuses = false;
    let isSaved = false;
    void states.saved(500).then(() => (isSaved = true));
    await record.setTradingState(stateCommand('Halted', 2));
    await states.load();
    await clock.advance(1);
    expect([isSaved, states.status().persisted]).toEqual([true, true]);
  });
});

describe('a command that the record does not take, because it has a newer one', () => {
  it('is not reported as saved: the process obeys the record, as all others do', async () => {
    const [states] = startStates(clock, record);
    await states.load();
    await record.setTradingState(stateCommand('Active', 5_000, 'command'));
    expect(states.apply(stateCommand('Halted', 4_600, 'command'))).toMatchObject({ accepted: true });
    expect(states.state).toBe('Halted');
    await clock.advance(10);
    expect(states.status()).toMatchObject({ state: 'Active', persisted: true, sources: [{ revision: 5_000 }] });
  });
});

describe('a command that the record refuses', () => {
  it('does not keep those of other sources from being saved', async () => {
    const [states] = startStates(clock, {
      readTradingStates: record.readTradingStates,
      setTradingState: async (next) => {
        if (next.source === 'poison') throw new Error('refused');
        return await record.setTradingState(next);
      },
    });
    await states.load();
    states.apply(stateCommand('Halted', 1, 'poison'));
    states.apply(stateCommand('Halted', 1, 'spec'));
    await clock.advance(2_000);
    expect(record.rows).toMatchObject([{ source: 'spec', state: 'Halted' }]);
    expect(states.status().persisted).toBe(false);
  });
});

describe('the status', () => {
  it('lists at most 100 sources, the most restrictive first', async () => {
    const [states] = startStates(clock, record);
    record.rows = Array.from({ length: 150 }, (_, n) => ({ ...stateCommand('Active', 1, `breaker-${n}`), sinceMs: 1 }));
    await states.load();
    states.apply(stateCommand('Halted', 1, 'zz'));
    const { sources } = states.status();
    expect([sources.length, sources[0]?.source]).toEqual([100, 'zz']);
  });
});
