import { SENDER_ROLES } from '../../../services/shared/contracts/statusz.ts';
import { textOfStatus } from './actors/decided.ts';
import type { Call, Order, Plan, Process, Sending, World } from './world.ts';

const ROWS: readonly Order['row'][] = ['None', 'Intended', 'Unknown', 'Accepted', 'NeverSent'];
const STAGES: readonly Sending['stage'][] = ['Committed', 'Doubtful', 'Checked', 'Sent'];

/** Returns a text that is the same for worlds that are the same. It does not matter which operator is which. */
export function fingerprintOf(world: World): string {
  const { row, blue, green, operators, late, orders } = world;
  return [
    `${row.epoch}${row.holder}${row.age}`,
    textOfStatus(world.status),
    world.wanted,
    textOfProcess(blue),
    textOfProcess(green),
    operators.map(textOfPlan).sort().join('/'),
    late === undefined ? '' : textOfCall(late),
    orders.map(textOfOrder).join(''),
    `${world.written}${world.accepted}${world.recorded}${world.faultsLeft}${world.changesLeft}`,
  ].join('|');
}

function textOfProcess({ sender, permit, grant, raised, sending, releasing }: Process): string {
  const { role, epoch, fenceEpoch, newestEpoch, reconciled } = sender;
  const known = `${SENDER_ROLES.indexOf(role)}${epoch}${fenceEpoch}${newestEpoch}${Number(reconciled)}${Number(releasing)}`;
  const granted = grant === undefined ? '-' : `${grant.age}${Number(grant.drained)}`;
  const taken = raised === undefined ? '-' : `${raised.epoch}${raised.age}${Number(raised.drained)}`;
  return `${known}${permit === undefined ? '-' : permit.age}${granted},${taken},${sending === undefined ? '' : textOfSending(sending)}`;
}

function textOfSending({ order, epoch, age, stage }: Sending): string {
  return `${order}${epoch}${age}${STAGES.indexOf(stage)}`;
}

function textOfPlan(plan: Plan | undefined): string {
  if (plan === undefined) return '';
  const { saw, status, calls } = plan;
  const write = saw === undefined ? '' : `${textOfStatus(saw)}>${textOfStatus(status)}`;
  return `${write}:${calls.map(textOfCall).join()}`;
}

function textOfCall({ kind, to, epoch }: Call): string {
  return `${kind[0] ?? ''}${to[0] ?? ''}${epoch}`;
}

/** Without its number. */
export function textOfOrder({ row, epoch, age, requests, accepted, hidden, refused }: Order): string {
  return `${ROWS.indexOf(row)}${epoch}${age}${requests}${accepted}${Number(hidden)}${Number(refused)}`;
}
