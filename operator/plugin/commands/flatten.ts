import { readStatus } from '../../api/v1alpha1/trading-stack/read-status.ts';
import { readSwitches } from '../../api/v1alpha1/trading-stack/switches.ts';
import { EXIT, type ExitCode } from '../call/exit-code.ts';
import { isGiven, type Call, type Command } from '../call/command.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { followStatus } from '../cluster/follow-status.ts';
import { liftAnnotation, untilSeen } from '../cluster/lift-annotation.ts';
import { readPods } from '../cluster/read-pods.ts';
import { readStack, stackName, type StoredStack } from '../cluster/read-stack.ts';
import { requestFlatten, withdrawFlatten } from '../cluster/request-flatten.ts';
import { shownOf } from '../cluster/request-state.ts';
import type { Session } from '../session.ts';
import { soldText } from '../text/exit-lines.ts';
import { exitsIn } from '../view/exits.ts';
import { flattenProgress, withdrawalProgress } from '../view/request-progress.ts';
import { cancelSale, restrictionLines, restrictionsOf, sellWithoutOperator } from '../view/restrictions.ts';
import { checkedRequest, REQUEST_FLAGS, signedReason, type GivenRequest } from './halt.ts';

/** Between two attempts to sell a position risk may wait for half a minute. */
const SALE_SECONDS = 600;
const CANCEL_SECONDS = 60;

export const flatten: Command = {
  name: 'flatten',
  summary: 'Sell every position, then halt. Waits for the sale. --cancel withdraws it.',
  description:
    'Sets spec.flatten, as docs/runbook.md describes under "Sell every position now": buys are refused, and risk\n' +
    'sells every position inside the price collar, and then halts. Under a halt of another source no position is\n' +
    'sold: the request stays, and the output says how to lift that halt. To stop the sale, halt. To trade again,\n' +
    '--cancel sets spec.flatten to false, and the annotation to Active if it requests Flattening; positions that\n' +
    'are sold stay sold. Exit code 0 if everything is sold, or the sale withdrawn; 1 if it is not sold in time, a\n' +
    'halt keeps the positions, or another source goes on to sell. The request stays all the same.',
  argument: { kind: 'stack', name: 'STACK' },
  flags: [
    { name: 'cancel', help: 'Withdraw the sale, and the halt that followed it.' },
    ...REQUEST_FLAGS.filter(({ name }) => name === 'reason' || name === 'author'),
    {
      name: 'timeout',
      value: 'SECONDS',
      help: `How long to wait for the sale, 1 to 3600. Default: ${SALE_SECONDS}; with --cancel ${CANCEL_SECONDS}.`,
    },
    { name: 'no-wait', help: 'Do not wait for the sale.' },
  ],
  examples: [
    "flatten -n trading --reason 'flash crash'",
    'flatten -n trading demo --timeout 60',
    'flatten -n trading demo --cancel',
  ],
  run: async (call, session) => {
    const isCancel = isGiven(call, 'cancel');
    const given = checkedRequest(call, isCancel ? CANCEL_SECONDS : SALE_SECONDS);
    const cluster = session.open(call.flags);
    return await (isCancel ? cancel : sell)(call, session, { cluster, given });
  },
};

interface Requesting {
  readonly cluster: Cluster;
  readonly given: GivenRequest;
}

async function sell(call: Call, session: Session, { cluster, given }: Requesting): Promise<ExitCode> {
  const { terminal } = session;
  const { namespace } = cluster;
  const name = await stackName(cluster, call.argument);
  await requestFlatten(cluster, name, await signedReason(cluster, given, 'no reason given'));
  terminal.out(
    `Requested: ${name} in namespace ${namespace} is to sell every position, and then halt.\n` +
      `To stop the sale: kubectl tradingstack halt -n ${namespace} ${name}`,
  );
  if (isGiven(call, 'no-wait')) return EXIT.ok;
  terminal.note('Interrupting ends the wait only, not the sale.');
  const following = { name, timeoutMs: given.timeoutMs, judge: flattenProgress, without: sellWithoutOperator };
  const { progress, seen } = await followStatus(cluster, following, session);
  if (progress.kind === 'Done') {
    const exits = exitsIn(await readPods(cluster, name, session.clock.nowMs()));
    terminal.out(terminal.style.good(soldText(progress.line, exits)));
    terminal.out(`To trade again: ${cancelSale({ name, namespace })}`);
    return EXIT.ok;
  }
  if (progress.kind === 'Blocked' && seen !== undefined) {
    const halts = restrictionsOf(seen).filter(({ source }) => source.state === 'Halted');
    terminal.note(
      [
        terminal.style.bad(`Not sold: ${progress.line}.`),
        'The request stays, and the sale begins when the halt is lifted:',
        ...restrictionLines(halts),
      ].join('\n'),
    );
    return EXIT.notAsWanted;
  }
  terminal.note(
    terminal.style.bad(`Not sold within ${given.timeoutMs / 1_000} s: ${progress.line}.`) +
      '\nThe request stays. Repeat the command to wait longer, and see "Sell every position now" in docs/runbook.md.',
  );
  return EXIT.notAsWanted;
}

/** Withdraws what the field and the annotation request of a sale, whoever requested it. No other source changes. */
async function cancel(call: Call, session: Session, { cluster, given }: Requesting): Promise<ExitCode> {
  const { terminal } = session;
  const stack = await readStack(cluster, call.argument);
  const { name } = stack.metadata;
  const isWritten = [
    await withdrawField(stack, session, { cluster, given }),
    await withdrawAnnotation(stack, session, { cluster, given }),
  ].includes(true);
  terminal.out(
    isWritten
      ? `Requested: ${name} in namespace ${cluster.namespace} is to end the sale.`
      : 'Neither spec.flatten nor the annotation requests a sale.',
  );
  if (isWritten && isGiven(call, 'no-wait')) return EXIT.ok;
  const { timeoutMs } = given;
  const { progress, seen } = await followStatus(cluster, { name, timeoutMs, judge: withdrawalProgress }, session);
  if (progress.kind === 'Waiting' || seen === undefined) {
    terminal.note(terminal.style.bad(`Not confirmed within ${timeoutMs / 1_000} s: ${progress.line}.`));
    return EXIT.notAsWanted;
  }
  terminal.out([progress.line, ...restrictionLines(restrictionsOf(seen))].join('\n'));
  return progress.kind === 'Done' ? EXIT.ok : EXIT.notAsWanted;
}

/**
 * Returns whether the field was written. One that shows false already, while the request is on record, must show it
 * once more: the API server records only changes.
 */
async function withdrawField(stack: StoredStack, session: Session, requesting: Requesting): Promise<boolean> {
  const { cluster, given } = requesting;
  const { name } = stack.metadata;
  const recorded = recordedOf(stack, 'spec-flatten');
  const isShown = readSwitches(stack.spec).flatten !== 'Active';
  if (recorded === undefined && !isShown) return false;
  if (!isShown || recorded?.unshown === true) {
    session.terminal.note('spec.flatten is set to true once more first, so that the operator obeys its end.');
    if (!isShown) await requestFlatten(cluster, name, await signedReason(cluster, given, 'withdrawn'));
    const recordOf = (seen: { readonly stack: StoredStack }) => recordedOf(seen.stack, 'spec-flatten');
    await untilSeen(stack, recordOf, { cluster, session, timeoutMs: given.timeoutMs });
  }
  await withdrawFlatten(cluster, name);
  return true;
}

async function withdrawAnnotation(stack: StoredStack, session: Session, requesting: Requesting): Promise<boolean> {
  const { cluster, given } = requesting;
  const own = recordedOf(stack, 'annotation');
  if (own === undefined && shownOf(stack).state !== 'Flattening') return false;
  const reason = await signedReason(cluster, given, 'sale withdrawn');
  await liftAnnotation(stack, own, { cluster, session, timeoutMs: given.timeoutMs, reason });
  return true;
}

/** The request of a source to sell, as the operator has recorded it. */
function recordedOf({ status }: StoredStack, name: string) {
  const { sources = [] } = readStatus(status).trading ?? {};
  return sources.find(({ source, state }) => source === name && state === 'Flattening');
}
