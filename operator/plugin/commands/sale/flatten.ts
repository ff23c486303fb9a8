import { EXIT, type ExitCode } from '../../call/exit-code.ts';
import { isGiven, type Call, type Command } from '../../call/command.ts';
import { followStatus } from '../../cluster/follow-status.ts';
import { readPods } from '../../cluster/read-pods.ts';
import { stackName } from '../../cluster/read-stack.ts';
import { requestFlatten, saleReason } from '../../cluster/requests/request-flatten.ts';
import type { Session } from '../../session.ts';
import { soldText } from '../../text/exit-lines.ts';
import { exitsIn } from '../../view/exits.ts';
import { flattenProgress } from '../../view/request-progress.ts';
import { cancelCommand, restrictionLines, restrictionsOf, sellWithoutOperator } from '../../view/restrictions.ts';
import { unrecordedText } from '../../view/sale-tools.ts';
import { cancelSale } from './cancel-sale.ts';
import { checkedRequest, reasonFor, REQUEST_FLAGS, type Requesting } from '../halt.ts';

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
    '--cancel sets spec.flatten to false, and the annotation to Active if it requests Flattening, or to Halted if\n' +
    'that replaced a halt; positions that are sold stay sold. Exit code 0 if everything is sold, or the sale\n' +
    'withdrawn; 1 if it is not sold in time, a halt keeps the positions, or another source goes on to sell. The\n' +
    'request stays all the same.',
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
    return await (isCancel ? cancelSale : sell)(call, session, { cluster, given });
  },
};

async function sell(call: Call, session: Session, { cluster, given }: Requesting): Promise<ExitCode> {
  const { terminal } = session;
  const { namespace } = cluster;
  const name = await stackName(cluster, call.argument);
  const unrecorded = await requestFlatten(cluster, name, await reasonFor(name, { cluster, given }, saleReason));
  terminal.out(
    `Requested: ${name} in namespace ${namespace} is to sell every position, and then halt.\n` +
      `To stop the sale: kubectl tradingstack halt -n ${namespace} ${name}`,
  );
  if (unrecorded !== undefined) terminal.note(terminal.style.bad(unrecordedText(unrecorded)));
  if (isGiven(call, 'no-wait')) return unrecorded === undefined ? EXIT.ok : EXIT.notAsWanted;
  terminal.note('Interrupting ends the wait only, not the sale.');
  const following = { name, timeoutMs: given.timeoutMs, judge: flattenProgress, without: sellWithoutOperator };
  const { progress, seen } = await followStatus(cluster, following, session);
  if (progress.kind === 'Done') {
    const exits = exitsIn(await readPods(cluster, name, session.clock.nowMs()));
    terminal.out(terminal.style.good(soldText(progress.line, exits)));
    terminal.out(`To trade again: ${cancelCommand({ name, namespace })}`);
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
