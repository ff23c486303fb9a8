import { EXIT } from '../call/exit-code.ts';
import { isGiven, type Command } from '../call/command.ts';
import { followStatus } from '../cluster/follow-status.ts';
import { stackName } from '../cluster/read-stack.ts';
import { requestFlatten } from '../cluster/request-state.ts';
import { flattenProgress } from '../view/request-progress.ts';
import { checkedRequest, REQUEST_FLAGS } from './halt.ts';

export const flatten: Command = {
  name: 'flatten',
  summary: 'Sell every position, then halt. Waits until everything is sold.',
  description:
    'Sets spec.flatten, as docs/runbook.md describes under "Sell every position now": buys are refused, and risk\n' +
    'sells every position inside the price collar, and then halts. Under a halt of another source it waits, and\n' +
    'the output says so: while that halt lasts, no position is sold. To stop the sales, halt; to trade again, set\n' +
    'spec.flatten to false. Exit code 0 if everything is sold, 1 if not in time; the request stays all the same.',
  argument: { kind: 'stack', name: 'STACK' },
  flags: REQUEST_FLAGS.filter(({ name }) => name === 'timeout' || name === 'no-wait'),
  examples: ['flatten -n trading', 'flatten -n trading demo --timeout 600'],
  run: async (call, session) => {
    const { terminal, open } = session;
    const { timeoutMs } = checkedRequest(call);
    const cluster = open(call.flags);
    const name = await stackName(cluster, call.argument);
    await requestFlatten(cluster, name);
    terminal.out(`Requested: ${name} in namespace ${cluster.namespace} is to sell every position, and then halt.`);
    if (isGiven(call, 'no-wait')) return EXIT.ok;
    const following = { name, timeoutMs, judge: flattenProgress, urgent: false };
    const { progress } = await followStatus(cluster, following, session);
    if (progress.kind === 'Done') {
      terminal.out(terminal.style.good(progress.line));
      return EXIT.ok;
    }
    terminal.note(
      terminal.style.bad(`Not sold within ${timeoutMs / 1_000} s: ${progress.line}.`) +
        '\nThe request stays. Repeat the command to wait longer, and see "Sell every position now" in docs/runbook.md.',
    );
    return EXIT.notAsWanted;
  },
};
