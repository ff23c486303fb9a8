import { describe, expect, it } from 'vitest';
import { decided, obeying, withPods, withSpec } from '../../../test/fixtures/decided-status.ts';
import { decideFor, runningStack } from '../../../test/fixtures/reconciled-stack.ts';
import { afterDecision, allSecrets, senderReports } from '../../../test/fixtures/stack-observation.ts';
import type { Observation } from './observe/observation.ts';
import { planTrading } from './trading/plan-trading.ts';

const running = runningStack();

describe('a halt of a stack that something blocks', () => {
  const withoutDbWriter = new Map([...allSecrets()].filter(([name]) => name !== 'platform-db-writer'));
  it.each<[string, Observation]>([
    ['lacks a Secret', withSpec({ ...running, secrets: withoutDbWriter }, { halt: true })],
    ['is suspended', withSpec(running, { halt: true, suspend: true })],
    ['has an invalid spec', withSpec(running, { halt: true, redis: { port: 0 } })],
    ['has a halt of the wrong type', withSpec(running, { halt: 'true' })],
    ['has a flattening of the wrong type', withSpec(running, { flatten: 'false' })],
    ['has a trading state that is not in the list', withSpec(running, { tradingState: 'Paused' })],
    ['has a spec without anything but the halt', { ...running, stack: { ...running.stack, spec: { halt: true } } }],
    ['is being deleted', withSpec({ ...running, stack: { ...running.stack, deleting: true } }, { halt: true })],
    [
      'has a status that is not whole',
      withSpec({ ...running, stack: { ...running.stack, status: {} } }, { halt: true }),
    ],
  ])('is commanded, pending and confirmed even if it %s', (_what, halting) => {
    const commanded = planTrading(halting).commands.map(({ service, request }) => `${service} ${request.state}`);
    expect(commanded).toEqual(['risk Halted', 'execution Halted', 'execution Halted']);
    expect(decided(halting)).toMatchObject({ halt: { active: false }, trading: { requested: 'Halted' } });
    expect(decided(obeying(halting))).toMatchObject({ halt: { active: true }, trading: { state: 'Halted' } });
  });

  it('neither activates a sender nor records an epoch for a spec that cannot be read', () => {
    const restarted = withPods(running, senderReports('armed', 0, 1));
    const waiting = afterDecision(restarted, decideFor(restarted));
    expect(decideFor(waiting).activate).toMatchObject({ epoch: 2 });
    const broken = withSpec(waiting, { halt: true, redis: { port: 0 } });
    expect(decideFor(broken).activate).toBeUndefined();
    const { transition } = decided(withSpec(restarted, { redis: { port: 0 } })).execution ?? {};
    expect(transition).toEqual(restarted.stack.status.execution?.transition);
  });
});
