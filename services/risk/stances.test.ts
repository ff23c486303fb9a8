import { beforeEach, describe, expect, it } from 'vitest';
import { ExitStack } from '../../test/harness/exit-stack.ts';

let stack: ExitStack;

beforeEach(() => {
  stack = new ExitStack();
});

const MINUTE = 60_000;
const sides = () => stack.record.approvals.map(({ side }) => side);
const codes = () => stack.decisions.map((decision) => decision?.code);

describe('a stance that is not the newest', () => {
  it('of a backlog of an hour sells nothing: the position that the newest stance wants is kept', async () => {
    stack.hold('trend', '50');
    const risk = await stack.start();
    stack.quote();
    await stack.signal('Flat', risk, 60 * MINUTE);
    for (let age = 59; age >= 0; age -= 1) await stack.signal('Long', risk, age * MINUTE);
    await stack.pass(10, risk);
    expect([sides(), stack.held()]).toEqual([[], '50']);
  });

  it.each(['the same process', 'another process', 'a process that starts later'])(
    'is superseded in %s',
    async (where) => {
      stack.hold('trend', '50');
      const first = await stack.start();
      const second = where === 'another process' ? await stack.start() : first;
      stack.quote();
      await stack.signal('Long', first);
      if (where === 'a process that starts later') await stack.stop();
      const reader = where === 'a process that starts later' ? await stack.start() : second;
      // Claimed from a process that died, or read again from an older snapshot. It is recent enough to be valid.
      await stack.signal('Flat', reader, 3_000);
      await stack.pass(5, reader);
      expect([sides(), stack.held()]).toEqual([[], '50']);
      expect(await reader.metrics.metrics()).toContain('decisions_total{outcome="NoAction",code="Superseded"} 1');
    },
  );

  it('does not act because our clock went back an hour, so that it looks new', async () => {
    stack.hold('trend', '50');
    const risk = await stack.start();
    const startMs = stack.clock.nowMs();
    await stack.clock.advance(60 * MINUTE);
    stack.quote();
    await stack.signal('Long', risk);
    stack.clock.setNow(startMs);
    stack.quote();
    await stack.signal('Flat', risk);
    await stack.pass(5, risk);
    expect([sides(), stack.held()]).toEqual([[], '50']);
  });

  it('does not act because our clock went ahead, which only makes signals too old', async () => {
    stack.hold('trend', '50');
    const risk = await stack.start();
    stack.quote();
    await stack.signal('Long', risk);
    await stack.clock.advance(1_000);
    stack.clock.setNow(stack.clock.nowMs() + 60 * MINUTE);
    stack.quote();
    await stack.signal('Flat', risk, 60 * MINUTE);
    await stack.pass(5, risk);
    expect([sides(), stack.held()]).toEqual([[], '50']);
  });
});

it('a signal from the future changes nothing, and the one of now still acts', async () => {
  stack.hold('trend', '50');
  const risk = await stack.start();
  stack.quote();
  await stack.signal('Long', risk, -60 * MINUTE);
  await stack.signal('Flat', risk);
  expect([codes(), sides()]).toEqual([[undefined, 'Approved'], ['sell']]);
});

it('is kept while halted, so that the exit follows when the halt is lifted', async () => {
  stack.hold('trend', '50');
  const risk = await stack.start();
  stack.record.restrict('desk', 'Halted');
  stack.quote();
  await stack.signal('Flat', risk);
  expect(codes()).toEqual(['Halted']);
  stack.record.restrict('desk', 'Active');
  await stack.pass(1, risk);
  expect(sides()).toEqual(['sell']);
});
