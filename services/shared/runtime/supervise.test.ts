import { describe, expect, it } from 'vitest';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import { ExitError } from './errors.ts';
import { createLogger } from './logger.ts';
import { untilAborted, type ServicePart } from './service-part.ts';
import { supervise, type Outcome } from './supervise.ts';

const log = createLogger({ name: 'test', level: 'silent' });

function start(parts: readonly ServicePart[], exitWhenDone = false) {
  const clock = virtualClock();
  const stopRequest = new AbortController();
  const events: string[] = [];
  const outcome: Promise<Outcome> = supervise({
    parts: parts.map((part) => recorded(part, events)),
    stopRequest: stopRequest.signal,
    exitWhenDone,
    onStopping: () => events.push('stopping'),
    clock,
    log,
    drainDeadlineMs: 1_000,
    stopDeadlineMs: 1_000,
  });
  return { clock, stopRequest, events, outcome };
}

function recorded(part: ServicePart, events: string[]): ServicePart {
  return {
    name: part.name,
    run: async (signal) => {
      await part.run(signal);
      events.push(`${part.name} ended`);
    },
    drain: async () => {
      events.push(`${part.name} drained`);
      await part.drain?.();
    },
    stop: async () => {
      events.push(`${part.name} stopped`);
      await part.stop?.();
    },
  };
}

const throwing = (error: Error) => async (): Promise<void> => {
  throw error;
};
const longRunning = (name: string): ServicePart => ({ name, run: untilAborted });

describe('supervise', () => {
  it('drains and ends the parts on a stop request, then stops them in reverse order', async () => {
    const { outcome, stopRequest, events } = start([longRunning('a'), longRunning('b')]);
    stopRequest.abort('SIGTERM');
    expect(await outcome).toEqual({ exitCode: 0, reason: 'SIGTERM', message: '' });
    expect(events).toEqual(['stopping', 'a drained', 'b drained', 'a ended', 'b ended', 'b stopped', 'a stopped']);
  });

  it('exits with 1 when a part ends unexpectedly, and stops the other parts', async () => {
    const { outcome, events } = start([longRunning('a'), { name: 'b', run: async () => {} }]);
    expect(await outcome).toEqual({ exitCode: 1, reason: 'PartEnded', message: 'b ended' });
    expect(events).toContain('a stopped');
  });

  it('exits with 0 when the part of a job resolves', async () => {
    const { outcome } = start([longRunning('a'), { name: 'job', run: async () => {} }], true);
    expect(await outcome).toMatchObject({ exitCode: 0, reason: 'Done' });
  });

  it.each([
    [new Error('lost'), { exitCode: 1, reason: 'PartFailed', message: 'b: lost' }],
    [new ExitError(3, 'Fenced', 'epoch 4'), { exitCode: 3, reason: 'Fenced', message: 'epoch 4' }],
  ])('reports why a part failed: %s', async (error, expected) => {
    const { outcome } = start([longRunning('a'), { name: 'b', run: throwing(error) }]);
    expect(await outcome).toEqual(expected);
  });

  it('stops a part that does not drain or end within the deadline', async () => {
    const never = async (): Promise<void> => await new Promise<void>(() => {});
    const { outcome, stopRequest, clock, events } = start([{ name: 'hung', run: never, drain: never }]);
    stopRequest.abort('SIGTERM');
    await clock.advance(999);
    expect(events).not.toContain('hung stopped');
    await clock.advance(1_001);
    expect(await outcome).toMatchObject({ exitCode: 0 });
    expect(events).toEqual(['stopping', 'hung drained', 'hung stopped']);
  });
});
