import { COLOURS, type Colour } from '../../../../operator/api/v1alpha1/trading-stack/status.ts';
import { nextRole } from '../../../../services/execution/core/role.ts';
import type { Rules } from '../rules.ts';
import { fault, step, type Step } from '../step.ts';
import { PERMIT_MS, TICK_MS } from '../timing.ts';
import { changedOrder, changedProcess, type Sending, type World } from '../world.ts';

interface Sender {
  readonly world: World;
  readonly colour: Colour;
  readonly rules: Rules;
}

/** How a process sends an order: intent, last check, bytes and outcome. It may pause between any two. */
export function senderSteps(world: World, rules: Rules): readonly Step[] {
  return COLOURS.flatMap((colour) => {
    const { sending } = world[colour];
    const one = { world, colour, rules };
    return sending === undefined ? taken(one) : STAGES[sending.stage](one, sending);
  });
}

type Stage = (one: Sender, sending: Sending) => readonly Step[];

const STAGES: Readonly<Record<Sending['stage'], Stage>> = {
  Committed: checked,
  Doubtful: undoubted,
  Checked: written,
  Sent: replied,
};

/**
 * Signs an order and commits its intent, in one statement. An older signature would only be refused earlier, so the
 * model does not distinguish the two moments.
 */
function taken({ world, colour, rules }: Sender): readonly Step[] {
  const { sender, releasing } = world[colour];
  const order = world.orders.findIndex(({ row }) => row === 'None');
  if (order < 0 || releasing || sender.role !== 'active' || !rules.maySend(world[colour])) return [];
  const { epoch } = sender;
  const { row } = world;
  if (!rules.commits({ epoch: row.epoch, holder: row.holder }, { epoch, holder: colour })) {
    const fenced = nextRole(sender, { kind: 'IntentRefused' }, colour);
    return [step(`${colour} is refused an intent`, changedProcess(world, colour, { sender: fenced }))];
  }
  const recorded = changedOrder(world, order, { row: 'Intended', epoch, age: 0 });
  const sending = { order, epoch, age: 0, stage: 'Committed' } as const;
  return [
    step(
      `${colour} signs an order and commits its intent, in epoch ${epoch}`,
      changedProcess(recorded, colour, { sending }),
    ),
  ];
}

function undoubted({ world, colour }: Sender, { order }: Sending): readonly Step[] {
  const ended = world[colour].releasing ? world : changedOrder(world, order, { row: 'NeverSent' });
  return [step(`${colour} ends its order unsent`, changedProcess(ended, colour, { sending: undefined }))];
}

/** The last check. A drain lets go an order whose intent is committed. */
function checked({ world, colour, rules }: Sender, sending: Sending): readonly Step[] {
  const process = world[colour];
  const doubtful = changedProcess(world, colour, { sending: { ...sending, stage: 'Doubtful' } });
  const unanswered = fault(`${colour} does not learn of its commit`, doubtful);
  const { role } = process.sender;
  const isLate = rules.isSignedLongAgo(sending.age);
  if (isLate || !rules.maySend(process, role === 'draining' ? 'active' : role)) {
    const ended = changedOrder(world, sending.order, { row: 'NeverSent' });
    return [
      step(`${colour} may not send its order`, changedProcess(ended, colour, { sending: undefined })),
      unanswered,
    ];
  }
  const after = changedProcess(world, colour, { sending: { ...sending, stage: 'Checked' } });
  const { row } = world;
  const isFenced = row.epoch > sending.epoch && row.age * TICK_MS >= PERMIT_MS;
  const broken = `Permit: ${colour} may send a permit's time after the fence went to epoch ${row.epoch}`;
  return [step(`${colour} checks its order a last time`, isFenced ? { ...after, broken } : after), unanswered];
}

function written({ world, colour, rules }: Sender, sending: Sending): readonly Step[] {
  const { order, epoch } = sending;
  const unasked = world.orders.findIndex((one) => one.row === 'Intended' && one.epoch < epoch);
  const sent = changedProcess(world, colour, { sending: { ...sending, stage: 'Sent' } });
  const requests = (world.orders[order]?.requests ?? 0) + 1;
  const age = rules.signsAtCommit ? sending.age : 0;
  const after = { ...changedOrder(sent, order, { requests, age }), written: Math.max(world.written, epoch) };
  const broken = `Resolved: epoch ${epoch} sends before it has asked for an order of an older one`;
  return [step(`${colour} writes its order`, unasked < 0 ? after : { ...after, broken })];
}

function replied({ world, colour, rules }: Sender, sending: Sending): readonly Step[] {
  const { order } = sending;
  const idle = changedProcess(world, colour, { sending: undefined });
  const { accepted = 0, refused = false } = world.orders[order] ?? {};
  const again = changedProcess(world, colour, { sending: { ...sending, stage: 'Checked' } });
  const unanswered = rules.sendsAgain ? again : changedOrder(idle, order, { row: 'Unknown' });
  const unknown = fault(`${colour} has no reply`, unanswered);
  if (accepted > 0)
    return [step(`the reply reaches ${colour}: accepted`, changedOrder(idle, order, { row: 'Accepted' })), unknown];
  if (refused)
    return [step(`the reply reaches ${colour}: refused`, changedOrder(idle, order, { row: 'NeverSent' })), unknown];
  return [world.orders[order]?.requests === 0 ? { ...unknown, kind: 'Progress' } : unknown];
}
