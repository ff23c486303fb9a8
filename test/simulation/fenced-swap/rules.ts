import { decideSender } from '../../../operator/controllers/trading-stack/sender/choose-sender.ts';
import { permitAgeMs } from '../../../services/execution/core/permit.ts';
import type { RecordIdentity } from '../../../services/execution/core/record-identity.ts';
import type { Fence } from '../../../services/execution/core/role.ts';
import { obstaclesTo, stopsEverything } from '../../../services/execution/core/sending.ts';
import { whyNotDrained } from '../../../services/execution/core/swap/why-not-drained.ts';
import { windowHasPassed } from '../../../services/execution/core/swap/window-has-passed.ts';
import { afterQuery, mayConclude, newInquiry } from '../../../services/execution/core/unknown-schedule.ts';
import { FenceTable } from '../../../services/execution/store/memory/fence-table.ts';
import { isHeldBy } from '../../../services/execution/store/memory/fills-read-table.ts';
import { CLEAR } from '../../fixtures/sending-facts.ts';
import { PERMIT_MS, TICK_MS, TIMING } from './timing.ts';
import type { Process } from './world.ts';

const RECORD: RecordIdentity = { systemId: 'model', timeline: 1, commits: 0 };

/** Decisions of the code, each of which a defect replaces. All others are in the actors. */
export const RULES = {
  decideSender,
  whyNotDrained,
  /** Takes the fence row. The table passes the contract of the one in Postgres. */
  raise: (row: Fence, wanted: Fence) => {
    const table = new FenceTable();
    table.fence = { epoch: row.epoch, holder: row.holder };
    return { ...table.raise(wanted, RECORD), after: table.fence };
  },
  release: (row: Fence, held: Fence): boolean => {
    const table = new FenceTable();
    table.fence = { epoch: row.epoch, holder: row.holder };
    return table.release(held, { instruments: {}, balances: null });
  },
  /** Whether the fence row is only raised, so that a call in an epoch that is over changes nothing. */
  raisesOnly: true,
  /** The condition of the statement that commits an intent. */
  commits: isHeldBy,
  windowHasPassed: (grant: Process['grant']): boolean =>
    windowHasPassed(grant && { atMs: -grant.age * TICK_MS, drained: grant.drained }, 0, TIMING),
  /** Whether an order may be sent by role and permit. */
  maySend: ({ sender, permit }: Pick<Process, 'sender' | 'permit'>, role = sender.role): boolean => {
    const read = permit && { epoch: permit.epoch, readAtMs: -permit.age * TICK_MS };
    const ageMs = permitAgeMs(read, { epoch: sender.epoch, monotonicMs: 0 });
    return !obstaclesTo({ ...CLEAR, permitMs: PERMIT_MS, role, permitAgeMs: ageMs }).some(stopsEverything);
  },
  isSignedLongAgo: (age: number): boolean => age * TICK_MS >= TIMING.recvWindowMs,
  /** Whether an order that the venue does not show has certainly not arrived, held since `age` ticks. */
  mayConclude: (age: number): boolean => {
    const asked = [1, 2, 3].reduce((seen) => afterQuery(seen, 0, true, TIMING), newInquiry(-age * TICK_MS));
    return mayConclude(asked);
  },
  /** Whether a request has the time of its commit, and not the one at which it is written. */
  signsAtCommit: true,
  /** Whether a request without a reply is sent again. */
  sendsAgain: false,
  /** Whether a new holder asks for the orders of older senders before it sends. */
  asksFirst: true,
  /** Whether an operator's write of the status is refused when somebody has written since it looked. */
  comparesStatus: true,
  /** Whether an operator records what it is about to do before it does it. */
  recordsFirst: true,
};

export type Rules = typeof RULES;
