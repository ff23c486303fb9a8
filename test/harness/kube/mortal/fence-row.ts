import type { Fence } from '../../../../services/execution/core/role.ts';
import { SenderFence, type SenderFenceOptions } from '../../../../services/execution/fence/sender-fence.ts';
import { FenceTable } from '../../../../services/execution/store/memory/fence-table.ts';
import { systemClock } from '../../../../services/shared/runtime/clock.ts';
import { silentLog } from '../kube-client.ts';

/** A grant of the fence, with the row before it: a holder there had not handed over. */
export type Grant = Fence & { readonly before: Fence };

/** The row that decides who may send, in memory, and what it has let through. */
export interface FenceRow {
  readonly grants: readonly Grant[];
  /** Orders that the row let through, in order. */
  readonly orders: readonly Fence[];
  /** Returns the fence of a new process, by the rules of execution. */
  join(holder: string): SenderFence;
  /** Commits an intent of a process if the row names it. */
  commit(by: Fence): void;
}

const IDENTITY = { systemId: '1', timeline: 1, commits: 1 };
const PERMIT_MS = 1_000;

export function createFenceRow(): FenceRow {
  const table = new FenceTable();
  const grants: Grant[] = [];
  const orders: Fence[] = [];
  const store: SenderFenceOptions['store'] = {
    readFence: async () => await Promise.resolve(table.fence),
    recordIdentity: async () => await Promise.resolve(IDENTITY),
    releaseFence: async (fence, compared) => await Promise.resolve(table.release(fence, compared)),
    raiseFence: async (desired) => {
      const grant = table.raise(desired, IDENTITY);
      if (grant.granted && grant.before.epoch < desired.epoch) grants.push({ ...desired, before: grant.before });
      return await Promise.resolve(grant);
    },
  };
  const states = { load: async () => await Promise.resolve() };
  return {
    grants,
    orders,
    join: (incarnation) =>
      new SenderFence({ store, states, incarnation, permitMs: PERMIT_MS, clock: systemClock, log: silentLog }),
    commit: ({ epoch, holder }) => {
      if (table.fence.epoch === epoch && table.fence.holder === holder) orders.push({ epoch, holder });
    },
  };
}
