import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SharedBudget } from '../ports.ts';
import { MemoryBudget } from '../store/memory/memory-budget.ts';
import { createVirtualStack, type VirtualStack } from '../../../test/harness/virtual-stack.ts';

let stack: VirtualStack;

beforeEach(() => {
  stack = createVirtualStack();
});

afterEach(() => stack.kill());

const activate = (release: string | undefined): void => {
  stack.record.activeRelease = release === undefined ? undefined : { epoch: 2, release, isStale: false };
};

async function counted(registry: Registry): Promise<object> {
  const metric = await registry.getSingleMetric('tradingstack_execution_other_release_entries_total')?.get();
  return Object.fromEntries(metric?.values.map(({ labels, value }) => [labels['reason'], value]) ?? []);
}

describe('an approval of risk', () => {
  it('of another release than the active one ends as never sent if it is an entry, with its reason and count', async () => {
    const registry = new Registry();
    const execution = await stack.active({ registry });
    activate('next');
    const [entry, exit] = [stack.approve('entry'), stack.approve('exit', { side: 'sell' })];
    for (const { decisionId } of [entry, exit]) void execution.onApproval(decisionId);
    await stack.clock.advance(2_000);
    expect(stack.stateOf(entry)).toEqual({ kind: 'NeverSent', reason: 'OtherRelease' });
    expect(stack.placed()).toEqual([exit.clientOrderId]);
    expect(await counted(registry)).toEqual({ OtherRelease: 1 });
  });

  it('waits while no release is active if it is an entry, and is sent once its release is', async () => {
    const registry = new Registry();
    const shared = new MemoryBudget(stack.clock);
    let asked = 0;
    const take: SharedBudget['take'] = async (request) => {
      asked += request.bucket === 'orders' && request.tokens > 0 ? 1 : 0;
      return await shared.take(request);
    };
    const execution = await stack.active({ registry, budget: { take } });
    activate(undefined);
    const [entry, exit] = [stack.approve('entry'), stack.approve('exit', { side: 'sell' })];
    for (const { decisionId } of [entry, exit]) void execution.onApproval(decisionId);
    await stack.clock.advance(3_000);
    expect([stack.stateOf(entry), stack.placed()]).toEqual([undefined, [exit.clientOrderId]]);
    // The first try of the entry does not know yet that no release is active; the exit has its own.
    expect(asked).toBe(2);
    activate('test');
    await stack.clock.advance(3_000);
    expect(stack.placed()).toEqual([exit.clientOrderId, entry.clientOrderId]);
    expect([asked, await counted(registry)]).toEqual([3, {}]);
  });

  it('that waited for a release until its deadline ends with that reason', async () => {
    const registry = new Registry();
    const execution = await stack.active({ registry });
    activate(undefined);
    const entry = stack.approve('entry');
    void execution.onApproval(entry.decisionId);
    await stack.clock.advance(15_000);
    expect(stack.stateOf(entry)).toEqual({ kind: 'NeverSent', reason: 'ReleaseUnknown' });
    expect(stack.placed()).toEqual([]);
    expect(await counted(registry)).toEqual({ ReleaseUnknown: 1 });
  });

  it('that expires for another reason later is not blamed on the release', async () => {
    const execution = await stack.active();
    activate(undefined);
    void execution.onApproval(stack.approve('waits').decisionId);
    await stack.clock.advance(1_000);
    activate('test');
    const sent = stack.approve('sent');
    void execution.onApproval(sent.decisionId);
    await stack.clock.advance(2_000);
    const late = stack.approve('late', { deadline: stack.clock.nowMs() - 1 });
    void execution.onApproval(late.decisionId);
    await stack.clock.advance(2_000);
    expect(stack.stateOf(late)).toEqual({ kind: 'NeverSent', reason: 'Expired' });
  });
});
