import type { FencedSenders } from './fenced-senders.ts';

/** What was known before a change: the epoch of the sender, and how many commands there were. */
export interface Before {
  readonly epoch: number;
  readonly commands: number;
}

type Seen = Pick<FencedSenders, 'commands' | 'grants' | 'orders'>;

/**
 * Returns what is wrong with a change of the sender that no process was lost in: the fence passes on once, in the next
 * epoch, from a sender that has handed over; no other process is activated; and each order is of the newest holder.
 */
export function senderViolations(senders: Seen, before: Before): readonly string[] {
  return [...grantViolations(senders, before), ...activationViolations(senders, before), ...orderViolations(senders)];
}

function grantViolations({ grants }: Seen, { epoch }: Before): readonly string[] {
  const since = grants.filter((grant) => grant.epoch > epoch);
  const epochs = since.map((grant) => grant.epoch).join();
  const wrong = epochs === String(epoch + 1) ? [] : [`the fence was granted in ${epochs || 'no epoch'} after ${epoch}`];
  const held = since.filter(({ before }) => before.holder !== '');
  return [...wrong, ...held.map(({ before, holder }) => `${holder} took the fence while ${before.holder} held it`)];
}

function activationViolations({ commands, grants }: Seen, before: Before): readonly string[] {
  const since = commands.slice(before.commands).filter(({ kind }) => kind === 'activate');
  const [granted] = grants.slice(-1);
  return since
    .filter(({ holder, epoch }) => holder !== granted?.holder || epoch !== granted.epoch)
    .map(({ holder, epoch }) => `${holder} was activated in epoch ${epoch} beside ${granted?.holder}`);
}

function orderViolations({ orders }: Seen): readonly string[] {
  return orders.slice(1).flatMap((order, index) => {
    const last = orders[index] ?? order;
    if (order.epoch > last.epoch || (order.epoch === last.epoch && order.holder === last.holder)) return [];
    return [`${order.holder} sent in epoch ${order.epoch} after ${last.holder} in epoch ${last.epoch}`];
  });
}
