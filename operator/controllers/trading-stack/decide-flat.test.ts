import { beforeEach, describe, expect, it } from 'vitest';
import { FakeSenders } from '../../../test/fixtures/fake-senders.ts';
import { FlattenedStack } from '../../../test/fixtures/swaps/flattened-stack.ts';
import { annotated, decideFor, edited, runningStack } from '../../../test/fixtures/reconciled-stack.ts';
import { imageSpec } from '../../../test/fixtures/swaps/swapped-stack.ts';
import { releaseOf } from '../../../test/fixtures/stack-observation.ts';
import { APPROVE_SWAP_ANNOTATION, RETRY_ANNOTATION, ROLLBACK_ANNOTATION } from '../../api/v1alpha1/labels.ts';
import type { Observation } from './observe/observation.ts';

const running = runningStack();
const good = releaseOf(running).hash;
let senders: FakeSenders;
let stack: FlattenedStack;

beforeEach(() => {
  senders = new FakeSenders();
  stack = new FlattenedStack(senders);
});

const flat = (tag: string, swap: object = {}, rollout: object = {}) =>
  imageSpec(tag, { swap: { postSwitchSoakSeconds: 0, positionPolicy: 'Flat', ...swap }, rollout });
const saleOf = ({ stack: { status } }: Observation) => status.execution?.flat;
const isSelling = (current: Observation): boolean => saleOf(current)?.state === 'Selling';
const gateOf = ({ stack: { status } }: Observation) =>
  status.tiers?.flatMap(({ gates }) => gates).find(({ name }) => name === 'SwapAllowed');
const selling = (swap: object = {}, rollout: object = {}): Observation => {
  stack.open = 2;
  return stack.steps(stack.until(edited(running, flat('2.0.0', swap, rollout)), isSelling), 3);
};

describe('a swap with positionPolicy Flat', () => {
  it('sells every position before it, then hands over, and lifts its request once the new sender is active', () => {
    const waiting = selling();
    expect(stack.requested()).toEqual(['swap Flattening']);
    expect(senders.commands).toEqual([]);
    expect(gateOf(waiting)).toMatchObject({ ok: false, reason: 'PositionsOpen' });
    expect(gateOf(waiting)?.message).toContain('open positions: 2');
    expect(waiting.stack.status.plan).toMatchObject([
      {},
      { action: 'Swap', waitingFor: [{ what: 'Positions', message: 'the sale of every position: open positions: 2' }] },
    ]);
    stack.open = 0;
    const ready = stack.aboutToSwap(waiting);
    expect(saleOf(ready)).toMatchObject({ state: 'Closed', message: 'every position is closed' });
    expect(stack.requested()).toEqual(['flatten Halted', 'swap Flattening']);
    const done = stack.until(ready, () => stack.requested().length === 0);
    expect(senders.commands).toEqual(['drain blue 1', 'activate green 2']);
    expect(done.stack.status).toMatchObject({ execution: { active: 'green', epoch: 2 } });
    expect(saleOf(stack.steps(done, 2))).toBeUndefined();
  });

  it('shows each count of open positions, but not each age of a problem', () => {
    stack.problem = 'the order book is 5001 ms old';
    const before = selling();
    stack.problem = 'the order book is 9042 ms old';
    const older = stack.steps(before, 2);
    expect(saleOf(older)?.message).toBe('open positions: 2; trend XRP/ETH: FeedStale - the order book is 5001 ms old');
    stack.open = 1;
    expect(saleOf(stack.steps(older, 2))?.message).toMatch(/^open positions: 1; .* 9042 ms old$/);
  });

  it('allows no entry from its first request until the new sender is active', () => {
    stack.open = 1;
    let current = stack.until(edited(running, flat('2.0.0')), () => stack.requested().length > 0);
    stack.open = 0;
    for (let count = 0; senders.active[0] !== 'green'; count += 1) {
      expect(stack.states()).not.toContain('Active');
      expect(count).toBeLessThan(20);
      current = stack.step(current);
    }
    expect(stack.states()).not.toContain('Active');
  });

  it('begins only once the swap waits for nothing else', () => {
    const spec = flat('2.0.0', { approval: 'Manual' });
    const waiting = stack.steps(edited(running, spec), 16);
    expect(gateOf(waiting)).toMatchObject({ reason: 'ApprovalMissing' });
    expect([saleOf(waiting), stack.requested()]).toEqual([undefined, []]);
    stack.open = 1;
    const begun = stack.until(annotated(waiting, { [APPROVE_SWAP_ANNOTATION]: releaseOf(waiting).hash }), isSelling);
    expect(stack.requested()).toEqual([]);
    // A person who takes the approval back keeps what is left.
    const ended = stack.steps(annotated(stack.steps(begun, 3), {}), 4);
    expect([saleOf(ended), stack.requested(), senders.commands]).toEqual([undefined, [], []]);
  });

  it('does not begin before the new sender passes its own gates, and goes on when it fails one again', () => {
    const silent = stack.failing('green');
    const waiting = stack.steps(edited(running, flat('2.0.0')), 16, silent);
    expect([saleOf(waiting), stack.requested()]).toEqual([undefined, []]);
    stack.open = 1;
    const begun = stack.until(waiting, isSelling);
    expect(saleOf(stack.steps(begun, 5, silent))?.state).toBe('Selling');
  });

  it('fails the release at its deadline, and then trades on in the release before', () => {
    const late = { ...selling({ flatDeadlineSeconds: 60 }) };
    const failed = stack.steps({ ...late, nowMs: late.nowMs + 61_000 }, 12);
    expect(failed.stack.status).toMatchObject({
      phase: 'Stalled',
      release: { target: good, failed: { reason: 'PositionsNotClosed' } },
      execution: { active: 'blue', epoch: 1 },
    });
    expect(failed.stack.status.release?.failed?.message).toContain('not sold within 60 s: open positions: 2');
    expect([saleOf(failed), stack.requested(), senders.commands]).toEqual([undefined, [], []]);
  });

  it('that failed without an automatic rollback sells nothing more until a retry', () => {
    const late = selling({ flatDeadlineSeconds: 60 }, { autoRollback: false });
    const failed = stack.steps({ ...late, nowMs: late.nowMs + 61_000 }, 12);
    expect(saleOf(failed)?.state).toBe('Failed');
    expect(gateOf(failed)).toMatchObject({ ok: false, reason: 'PositionsNotClosed' });
    expect([stack.requested(), senders.commands]).toEqual([[], []]);
    const retried = stack.until(annotated(failed, { [RETRY_ANNOTATION]: '1' }), isSelling);
    stack.open = 0;
    stack.aboutToSwap(retried);
    expect(senders.active).toEqual(['blue']);
  });

  it('counts no time of a halt, which keeps positions from being sold, and goes on after it', () => {
    const before = selling({ flatDeadlineSeconds: 60 });
    stack.halt('desk');
    const halted = stack.steps(before, 3);
    expect(saleOf(halted)).toMatchObject({ state: 'Halted', message: expect.stringContaining('desk') });
    const later = stack.steps({ ...halted, nowMs: halted.nowMs + 600_000 }, 3);
    expect(saleOf(later)?.state).toBe('Halted');
    stack.lift('desk');
    const again = stack.steps(later, 3);
    expect(saleOf(again)?.state).toBe('Selling');
    stack.open = 0;
    stack.until(again, () => senders.active[0] === 'green');
  });

  it('swaps in a halt that came after the last sale, and leaves that halt alone', () => {
    const before = selling();
    stack.open = 0;
    const closed = stack.until(before, (current) => saleOf(current)?.state === 'Closed');
    stack.halt('desk');
    const done = stack.until(closed, () => senders.active[0] === 'green');
    stack.steps(done, 6);
    expect(stack.requested()).toEqual(['desk Halted']);
  });

  it('is not reached by the halt of a person in the name of risk while positions are open', () => {
    const before = selling();
    stack.halt('flatten');
    expect(saleOf(stack.steps(before, 5))?.state).toBe('Selling');
    expect(senders.commands).toEqual([]);
  });

  it.each(['risk', 'execution-1', 'execution-green'])('is not reached while %s does not answer', (name) => {
    const before = selling();
    stack.open = 0;
    expect(saleOf(stack.steps(before, 6, stack.failing(name)))?.state).toBe('Selling');
    // The spare of a sender that does not answer takes over from it; no other colour does.
    expect(senders.commands.filter((command) => !command.startsWith('activate blue'))).toEqual([]);
  });

  it.each<[string, (current: Observation) => Observation]>([
    ['a suspension', (current) => edited(current, { ...flat('2.0.0'), suspend: true })],
    ['another policy', (current) => edited(current, flat('2.0.0', { positionPolicy: 'Carry', approval: 'Manual' }))],
    ['a spec that cannot be read', (current) => edited(current, { ...flat('2.0.0'), release: 7 })],
    ['a rollback', (current) => annotated(current, { [ROLLBACK_ANNOTATION]: good })],
  ])('ends with %s: what is sold stays sold, and its request is lifted', (_what, change) => {
    const ended = stack.steps(change(selling()), 4);
    expect([saleOf(ended), stack.requested(), senders.active]).toEqual([undefined, [], ['blue']]);
  });

  it('ends with a deletion, which stops the sender and hands over to none', () => {
    const before = selling();
    const deleting = stack.steps({ ...before, stack: { ...before.stack, deleting: true } }, 2);
    expect([saleOf(deleting), senders.commands]).toEqual([undefined, []]);
  });

  it('begins again for another release after an edit', () => {
    const before = selling();
    const other = stack.steps(edited(before, flat('3.0.0')), 1);
    expect(saleOf(other)).toBeUndefined();
    const again = stack.until(other, isSelling);
    expect(saleOf(again)?.release).toBe(releaseOf(again).hash);
  });

  it('is continued by an operator that takes over, which lifts what is left of one that is over', () => {
    const before = selling();
    const { execution, ...status } = before.stack.status;
    const { flat: _lost, ...rest } = execution ?? { active: 'none' as const, epoch: 0 };
    const restored = { ...before, stack: { ...before.stack, status: { ...status, execution: rest } } };
    expect(decideFor(before).status?.execution?.flat).toEqual(saleOf(before));
    const done = stack.until(
      edited(restored, flat('2.0.0', { approval: 'Manual' })),
      () => stack.requested().length === 0,
    );
    expect(senders.active).toEqual(['blue']);
    expect(saleOf(done)).toBeUndefined();
  });

  it('does not hold up a return to a release that worked', () => {
    stack.open = 0;
    const second = stack.steps(edited(running, flat('2.0.0')), 30);
    expect(senders.active).toEqual(['green']);
    stack.open = 3;
    const back = annotated(second, { [ROLLBACK_ANNOTATION]: good });
    expect(decideFor(back).status?.plan?.flatMap(({ waitingFor }) => waitingFor.map(({ what }) => what))).not.toContain(
      'Positions',
    );
    stack.steps(back, 3);
    expect([senders.active, stack.requested()]).toEqual([['blue'], []]);
  });

  it('does not hold up a new sender while none sends, because then nothing can be sold', () => {
    const before = selling();
    const gone = (current: Observation): Observation => ({
      ...current,
      pods: current.pods.filter(({ name, service }) => service !== 'execution' || name.includes('green')),
    });
    let current = before;
    for (let count = 0; count < 8; count += 1) current = gone(stack.step(current));
    expect(senders.active).toContain('green');
  });
});

it('with positionPolicy Carry nothing is sold', () => {
  stack.open = 2;
  const done = stack.steps(edited(running, imageSpec('2.0.0', { swap: { postSwitchSoakSeconds: 0 } })), 20);
  expect(done.stack.status).toMatchObject({ phase: 'Running', execution: { active: 'green' } });
  expect(stack.requested()).toEqual([]);
});
