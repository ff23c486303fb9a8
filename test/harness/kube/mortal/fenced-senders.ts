import type { SenderFence } from '../../../../services/execution/fence/sender-fence.ts';
import { NOTHING_COMPARED } from '../../../../services/execution/core/swap/compared-ages.ts';
import { senderRow } from '../../../../services/shared/contracts/catalogue.ts';
import type { SenderStatus, Statusz } from '../../../../services/shared/contracts/statusz.ts';
import type { PostActivate } from '../../../../operator/pods/post-activate.ts';
import type { PostDrain } from '../../../../operator/pods/post-drain.ts';
import { CLEAN } from '../../../fixtures/fake-senders.ts';
import type { PodRunner } from '../controllers-by-hand.ts';
import { processesByHand, type ProcessesByHand } from '../processes-by-hand.ts';
import { createFenceRow, type FenceRow } from './fence-row.ts';

/** A command to a sender: which process got it, and for which epoch. */
export interface SentCommand {
  readonly kind: 'drain' | 'activate';
  readonly holder: string;
  readonly epoch: number;
}

type Ports = PodRunner & Pick<ProcessesByHand, 'getStatusz' | 'postDrain' | 'postActivate' | 'postTradingState'>;

export interface FencedSenders extends Ports, Pick<FenceRow, 'grants' | 'orders'> {
  /** Every command, in order. */
  readonly commands: readonly SentCommand[];
}

interface Sender {
  readonly holder: string;
  readonly fence: SenderFence;
}

interface Senders {
  readonly hand: ProcessesByHand;
  readonly row: FenceRow;
  readonly commands: SentCommand[];
  /** By workload. */
  readonly running: Map<string, Sender>;
}

/**
 * Processes by hand whose senders have the fence of execution: its roles, its permit and the row that decides. One that
 * sends does so each time that it is asked for its status.
 */
export function fencedSenders(): FencedSenders {
  const senders: Senders = { hand: processesByHand(), row: createFenceRow(), commands: [], running: new Map() };
  const { hand, row, commands, running } = senders;
  let started = 0;
  return {
    releaseOf: (workload) => hand.releaseOf(workload),
    isReady: async (workload) => await hand.isReady(workload),
    postTradingState: hand.postTradingState,
    grants: row.grants,
    orders: row.orders,
    commands,
    start: (workload, release) => {
      started += 1;
      const holder = `${workload.name}-${started}`;
      if (workload.service === senderRow().name) running.set(workload.name, { holder, fence: row.join(holder) });
      return hand.start(workload, release);
    },
    stop: (workload) => {
      running.delete(workload);
      return hand.stop(workload);
    },
    getStatusz: async (url, ...bounds) => {
      const statusz = (await hand.getStatusz(url, ...bounds)) as Statusz;
      const sender = statusz.service === senderRow().name ? senderAt(senders, new URL(url).hostname) : undefined;
      return sender === undefined ? statusz : { ...statusz, sender: await show(sender, row) };
    },
    postDrain: drainOf(senders),
    postActivate: activateOf(senders),
  };
}

/** Processes by hand have an address for each colour. */
function senderAt({ running }: Senders, ip: string): Sender | undefined {
  return running.get(`${senderRow().name}-${ip.endsWith('.2') ? 'green' : 'blue'}`);
}

async function show({ holder, fence }: Sender, row: FenceRow): Promise<SenderStatus> {
  await fence.read();
  const { role, epoch } = fence.sender;
  if (role === 'active' && fence.permitAgeMs !== undefined) row.commit({ holder, epoch });
  const shown = { ...fence.sender, evidence: role === 'active' ? CLEAN : null };
  // The next answer shows that it has compared everything with the venue.
  fence.reconciled();
  return shown;
}

function drainOf(senders: Senders): PostDrain {
  return async ({ ip, epoch }) => {
    const sender = senderAt(senders, ip);
    if (sender === undefined) return { kind: 'NotDrained', reason: 'connection refused' };
    const { holder, fence } = sender;
    senders.commands.push({ kind: 'drain', holder, epoch });
    if (fence.sender.epoch !== epoch) return { kind: 'NotDrained', reason: 'another epoch' };
    fence.beginDrain();
    const drained = await fence.release(NOTHING_COMPARED);
    return drained ? { kind: 'Drained', openOrders: 0 } : { kind: 'NotDrained', reason: 'not released' };
  };
}

function activateOf(senders: Senders): PostActivate {
  return async (target, ...bounds) => {
    const { ip, service, epoch } = target;
    if (service !== senderRow().name) return await senders.hand.postActivate(target, ...bounds);
    const sender = senderAt(senders, ip);
    if (sender === undefined) return { kind: 'Unanswered', reason: 'connection refused' };
    const { holder, fence } = sender;
    senders.commands.push({ kind: 'activate', holder, epoch });
    const { accepted, reason } = await fence.activate(epoch);
    return { kind: accepted ? 'Accepted' : 'Refused', reason };
  };
}
