import { describe, expect, it } from 'vitest';
import { virtualClock } from '../../test/harness/virtual-clock.ts';
import { createLogger } from '../shared/runtime/logger.ts';
import { createMigrationJob, type Database } from './service.ts';

const log = createLogger({ name: 'test', level: 'silent' });

class UnavailableError extends Error {}

function start(migrate: Database['migrate'], waitMs = 10_000) {
  const clock = virtualClock();
  const steps: string[] = [];
  const job = createMigrationJob({
    address: 'Postgres at db:5432',
    database: {
      migrate: async () => {
        steps.push('migrate');
        return await migrate();
      },
      applyGrants: async () => {
        steps.push('grants');
        return await Promise.resolve('Exact');
      },
      maySucceedLater: (error) => error instanceof UnavailableError,
    },
    clock,
    log,
    waitMs,
  });
  const ended = job.run(new AbortController().signal).then(
    () => undefined,
    (error: unknown) => error,
  );
  return { clock, job, ended, steps };
}

describe('migration job', () => {
  it('migrates, grants and exits', async () => {
    const { ended, steps, job } = start(async () => ({ applied: ['000001_a_b.sql'], present: 0 }));
    expect(await ended).toBeUndefined();
    expect(steps).toEqual(['migrate', 'grants']);
    expect(job.check().ok).toBe(true);
    expect(job.figures()).toEqual({ applied: 1, waitingFor: null });
  });

  it('waits while Postgres is unavailable, and reports it', async () => {
    let unavailable = true;
    const { ended, clock, job } = start(async () => {
      if (unavailable) throw new UnavailableError('connection refused');
      return { applied: [], present: 5 };
    });
    await clock.advance(4_000);
    expect(job.check()).toEqual({
      ok: false,
      reason: 'PostgresUnavailable',
      message: 'Postgres at db:5432: connection refused',
    });
    unavailable = false;
    await clock.advance(2_000);
    expect(await ended).toBeUndefined();
  });

  it.each([
    [new UnavailableError('connection refused'), 75, 'PostgresUnavailable'],
    [new Error('000002_a_b.sql was changed after it was applied'), 65, 'MigrationRefused'],
  ])('exits with a code that distinguishes %s', async (error, exitCode, reason) => {
    const { ended, clock } = start(async () => {
      throw error;
    });
    await clock.advance(60_000);
    expect(await ended).toMatchObject({ exitCode, reason, message: expect.stringContaining(error.message) });
  });
});
