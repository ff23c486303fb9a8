import { beforeEach, describe, expect, it } from 'vitest';
import { BudgetProcesses, refuse } from '../../../test/harness/execution/budget-processes.ts';
import type { VirtualClock } from '../../../test/harness/virtual-clock.ts';
import type { Lane } from '../core/budget/lanes.ts';

let clock: VirtualClock;
let processes: BudgetProcesses;

beforeEach(() => {
  processes = new BudgetProcesses();
  ({ clock } = processes);
});

describe('a pause of the venue', () => {
  const LIMIT = { kind: 'rateLimited', retryAfterMs: 3_000 } as const;

  it('stops everybody but cancellations, in every process, until it has passed', async () => {
    const [one, other] = [processes.processOf(), processes.processOf()];
    one.onReply(LIMIT);
    await clock.advance(0);
    expect([one.limitedForMs(), one.bannedForMs()]).toEqual([3_000, 0]);
    expect([await one.turn('query'), await other.turn('entry'), await other.turn('exit')]).toEqual([
      'Paused',
      'Paused',
      'Paused',
    ]);
    expect([await other.turn('cancel'), other.limitedForMs(), other.bannedForMs()]).toEqual(['Granted', 3_000, 0]);
    await clock.advance(3_000);
    expect([await one.turn('exit'), await other.turn('entry')]).toEqual(['Granted', 'Granted']);
  });

  it('that the reply to a cancellation demands stops cancellations too, in every process, and repeats longer', async () => {
    const [one, other] = [processes.processOf(), processes.processOf()];
    one.onCancelReply(LIMIT);
    one.onCancelReply({ ...LIMIT, retryAfterMs: 1_000 });
    const turns = async (lane: Lane) => [await one.turn(lane), await other.turn(lane)];
    const [paused, granted] = [
      ['Paused', 'Paused'],
      ['Granted', 'Granted'],
    ];
    await clock.advance(2_999);
    expect([await turns('cancel'), await turns('cancelAgain')]).toEqual([paused, paused]);
    await clock.advance(1);
    expect([await turns('cancel'), await turns('exit')]).toEqual([granted, granted]);
    expect(await turns('cancelAgain')).toEqual(paused);
    await clock.advance(1_500);
    expect(await turns('cancelAgain')).toEqual(granted);
  });

  it('that bans the account stops cancellations too, in every process', async () => {
    const [one, other] = [processes.processOf(), processes.processOf()];
    one.onReply({ ...LIMIT, banned: true });
    await clock.advance(0);
    expect([await one.turn('cancel'), await other.turn('cancel'), other.bannedForMs()]).toEqual([
      'Paused',
      'Paused',
      3_000,
    ]);
  });

  it('stops cancellations for a minute at most, unless it is a ban', async () => {
    const budget = processes.processOf();
    budget.onCancelReply({ ...LIMIT, retryAfterMs: 3_600_000 });
    expect([budget.bannedForMs(), budget.limitedForMs()]).toEqual([60_000, 3_600_000]);
    budget.onCancelReply({ ...LIMIT, retryAfterMs: 3_600_000, banned: true });
    expect(budget.bannedForMs()).toBe(3_600_000);
  });

  it('of cancellations that Redis did not learn are reported with a turn that they refuse', async () => {
    const [one, other] = [processes.processOf(), processes.processOf()];
    processes.redis = refuse;
    one.onCancelReply(LIMIT);
    await clock.advance(900);
    processes.redis = processes.memory.take;
    expect(await one.turn('cancel')).toBe('Paused');
    await clock.advance(0);
    expect(await other.turn('cancel')).toBe('Granted');
    await clock.advance(100);
    const before = processes.asked;
    expect(await one.turn('cancel')).toBe('Paused');
    await clock.advance(0);
    expect([await other.turn('cancel'), await one.turn('cancel')]).toEqual(['Paused', 'Paused']);
    expect(processes.asked - before).toBe(2);
  });

  it('is not waited for, and asks Redis for nothing once it is known', async () => {
    const budget = processes.processOf();
    budget.onReply(LIMIT);
    const before = processes.asked;
    expect([await budget.turn('entry'), processes.asked]).toEqual(['Paused', before]);
  });

  it('that Redis did not learn is shared with the next request', async () => {
    const [one, other] = [processes.processOf(), processes.processOf()];
    processes.redis = refuse;
    one.onReply(LIMIT);
    await clock.advance(1_000);
    processes.redis = processes.memory.take;
    expect(await one.turn('cancel')).toBe('Granted');
    expect([await other.turn('exit'), other.limitedForMs()]).toEqual(['Paused', 2_000]);
  });

  it('does not follow from other replies', () => {
    const budget = processes.processOf();
    for (const reply of [{ kind: 'ok' }, { kind: 'notFound' }, { kind: 'unknown', reason: 'HTTP 500' }] as const)
      budget.onReply(reply);
    expect([budget.limitedForMs(), processes.asked]).toEqual([0, 0]);
  });
});
