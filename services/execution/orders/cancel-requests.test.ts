import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Fate } from '../../../test/faults/faulty-venue.ts';
import { createVirtualStack, type VirtualStack } from '../../../test/harness/virtual-stack.ts';
import type { VenueFailure } from '../../shared/domain/orders/venue-reply.ts';
import type { ApprovedOrder } from '../core/order-record.ts';

const RESTING: Fate = { reply: 'ok', travelMs: 1, hiddenMs: 0, fills: [], tellings: [] };
let stack: VirtualStack;

beforeEach(() => {
  stack = createVirtualStack(() => RESTING);
});

afterEach(() => stack.kill());

function request({ clientOrderId, symbol }: ApprovedOrder): void {
  stack.record.cancels.add(stack.clock.nowMs(), [{ clientOrderId, symbol }]);
}

async function rest(id: string): Promise<ApprovedOrder> {
  const order = stack.approve(id, { type: 'LIMIT', deadline: stack.clock.nowMs() + 600_000 });
  await stack.clock.advance(2_000);
  return order;
}

it('cancels exactly the orders that risk has requested, within a second, and long before their deadline', async () => {
  await stack.active();
  const [kept, wanted] = [await rest('kept'), await rest('wanted')];
  expect(stack.stateOf(wanted)?.kind).toBe('Open');
  request(wanted);
  await stack.clock.advance(1_000);
  expect([stack.stateOf(kept)?.kind, stack.stateOf(wanted)?.kind]).toEqual(['Open', 'Cancelled']);
});

it('never sends an order whose cancellation was requested before it had a row, and says why', async () => {
  await stack.active();
  // The requests are read again before the next sweep.
  await stack.clock.advance(600);
  const deadline = stack.clock.nowMs() + 600_000;
  const order = stack.approve('early', { type: 'LIMIT', deadline });
  request(order);
  await stack.clock.advance(3_000);
  expect(stack.stateOf(order)).toEqual({ kind: 'NeverSent', reason: 'ExitFirst' });
  expect(stack.placed()).toEqual([]);
});

it.each([
  ['does not send a buy', 'buy', { kind: 'NeverSent', reason: 'ExitFirst' }, 0],
  ['sends a sale', 'sell', { kind: 'Cancelled' }, 1],
] as const)('%s whose cancellation is requested while its intent is committed', async (_title, side, state, sent) => {
  let order: ApprovedOrder | undefined;
  const commitIntent: typeof stack.record.commitIntent = async (...intent) => {
    const outcome = await stack.record.commitIntent(...intent);
    if (order !== undefined) request(order);
    await stack.clock.sleep(600);
    return outcome;
  };
  await stack.active({ store: { commitIntent }, settings: { recvWindowMs: 2_000 } });
  order = stack.approve('between', { side, type: 'LIMIT', deadline: stack.clock.nowMs() + 600_000 });
  await stack.clock.advance(4_000);
  expect(stack.stateOf(order)).toMatchObject(state);
  expect(stack.placed()).toHaveLength(sent);
});

it('ends such an order at once while its symbol waits to be compared with the venue', async () => {
  const silent: VenueFailure = { kind: 'unknown', reason: 'Timeout' };
  const symbol = 'SOL/ETH';
  await stack.active({
    settings: { symbols: [symbol, 'XRP/ETH'] },
    at: { openOrders: async (asked) => (asked === symbol ? silent : await stack.venue.openOrders()) },
  });
  const change = { symbol, type: 'LIMIT', deadline: stack.clock.nowMs() + 600_000 } as const;
  const [waiting, wanted] = [stack.approve('waiting', change), stack.approve('wanted', change)];
  request(wanted);
  await stack.clock.advance(3_000);
  expect(stack.stateOf(waiting)).toBeUndefined();
  expect(stack.stateOf(wanted)).toEqual({ kind: 'NeverSent', reason: 'ExitFirst' });
});

it('cancels what it has read while the database does not answer any more, and reads again when it does', async () => {
  let isDown = false;
  const asked = async (): Promise<ReadonlySet<string>> => {
    if (isDown) throw new Error('Postgres is unavailable');
    return await stack.record.cancelRequests();
  };
  let cancellations = 0;
  const cancel: typeof stack.venue.cancel = async (...target) => {
    cancellations += 1;
    return cancellations > 3
      ? await stack.venue.cancel(...target)
      : await Promise.resolve({ kind: 'unknown', reason: 'Timeout' });
  };
  await stack.active({ store: { cancelRequests: asked }, at: { cancel } });
  const [first, second] = [await rest('first'), await rest('second')];
  request(first);
  await stack.clock.advance(600);
  isDown = true;
  request(second);
  await stack.clock.advance(5_000);
  expect([stack.stateOf(first)?.kind, stack.stateOf(second)?.kind]).toEqual(['Cancelled', 'Open']);
  isDown = false;
  await stack.clock.advance(1_000);
  expect(stack.stateOf(second)?.kind).toBe('Cancelled');
});
