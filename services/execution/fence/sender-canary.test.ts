import { beforeEach, expect, it } from 'vitest';
import { virtualClock } from '../../../test/harness/virtual-clock.ts';
import { parseDecimal } from '../../shared/domain/decimal.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { TradingStates } from '../../shared/trading-state/trading-states.ts';
import { NOTHING_COMPARED } from '../core/swap/compared-ages.ts';
import { MemoryExecutionStore } from '../store/memory/memory-execution-store.ts';
import { SenderFence } from './sender-fence.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const CANARY = { since: 2, maxNotional: parseDecimal('10') };
const REPORTED = { canary: { since: 2, maxNotional: '10' } };
let store: MemoryExecutionStore;
let raises: number;

beforeEach(() => {
  store = new MemoryExecutionStore();
  raises = 0;
});

async function armed(incarnation: string): Promise<SenderFence> {
  const clock = virtualClock();
  const counted = {
    readFence: store.readFence,
    releaseFence: store.releaseFence,
    recordIdentity: store.recordIdentity,
    raiseFence: async (...desired: Parameters<typeof store.raiseFence>) => {
      raises += 1;
      return await store.raiseFence(...desired);
    },
  };
  const states = new TradingStates({ store, clock, log });
  const fence = new SenderFence({ store: counted, states, incarnation, permitMs: 2_000, clock, log });
  await fence.read();
  return fence;
}

it('knows its canary from the grant on, and reports it', async () => {
  const fence = await armed('me');
  expect([fence.canary, fence.canaryStatus()]).toEqual([undefined, { canary: null }]);
  expect(await fence.activate(2, CANARY)).toMatchObject({ accepted: true, reason: 'Granted' });
  expect([fence.canary, fence.canaryStatus()]).toEqual([CANARY, REPORTED]);
  await fence.read();
  expect(fence.canary).toEqual(CANARY);
});

it('is the same after a repeat, which writes nothing', async () => {
  const fence = await armed('me');
  await fence.activate(2, CANARY);
  expect(await fence.activate(2, { ...CANARY })).toEqual({ accepted: true, epoch: 2, reason: 'Held' });
  expect([fence.canary, raises]).toEqual([CANARY, 1]);
});

it('changes and ends its canary in the epoch that it holds, without another grant', async () => {
  const fence = await armed('me');
  await fence.activate(2, CANARY);
  fence.reconciled();
  const grant = fence.grant;
  const less = { ...CANARY, maxNotional: parseDecimal('5') };
  expect(await fence.activate(2, less)).toMatchObject({ accepted: true });
  expect([fence.canary, store.fence.canary]).toEqual([less, less]);
  expect(await fence.activate(2)).toEqual({ accepted: true, epoch: 2, reason: 'Held' });
  expect([fence.canary, store.fence.canary]).toEqual([undefined, undefined]);
  expect([fence.sender.role, fence.grant]).toEqual(['active', grant]);
});

it('obeys what the record says at the next read', async () => {
  const fence = await armed('me');
  await fence.activate(2, CANARY);
  store.fence = { epoch: 2, holder: 'me' };
  await fence.read();
  expect(fence.canary).toBeUndefined();
  store.fence = { epoch: 2, holder: 'me', canary: CANARY };
  await fence.read();
  expect(fence.canary).toEqual(CANARY);
});

it('lifts nothing once another process holds the fence', async () => {
  const old = await armed('old');
  await old.activate(2, CANARY);
  const next = await armed('next');
  await next.activate(3, { ...CANARY, since: 2 });
  expect(await old.activate(2)).toEqual({ accepted: false, epoch: 3, reason: 'the fence is at epoch 3' });
  expect(store.fence).toEqual({ epoch: 3, holder: 'next', canary: CANARY });
  expect([old.sender.role, old.canary]).toEqual(['fenced', undefined]);
});

it('has none before its own grant, nor after it has handed over', async () => {
  const old = await armed('old');
  await old.activate(2, CANARY);
  const next = await armed('next');
  expect(next.canaryStatus()).toEqual({ canary: null });
  old.reconciled();
  old.beginDrain();
  await old.release(NOTHING_COMPARED);
  expect([old.sender.role, old.canary]).toEqual(['standby', undefined]);
});
