import { EXIT } from '../call/exit-code.ts';
import { isGiven, type Call, type Command } from '../call/command.ts';
import type { Flag } from '../call/flags.ts';
import { line, wholeNumber } from '../call/values.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { followStatus } from '../cluster/follow-status.ts';
import { presentReason, stackName, type StoredStack } from '../cluster/read-stack.ts';
import { haltReason, requestHalt } from '../cluster/requests/request-state.ts';
import { whoAmI } from '../cluster/who-am-i.ts';
import { haltProgress } from '../view/request-progress.ts';
import { haltWithoutOperator } from '../view/restrictions.ts';

/** Together with the author within the 300 characters of a reason. */
const [REASON_MAX, AUTHOR_MAX] = [180, 100];

export const REQUEST_FLAGS: readonly Flag[] = [
  { name: 'reason', value: 'TEXT', help: `Why, for the others who see it; at most ${REASON_MAX} characters.` },
  { name: 'author', value: 'NAME', help: 'Who asks. Default: your name at the API server.' },
  { name: 'timeout', value: 'SECONDS', help: 'How long to wait for the confirmation, 1 to 3600. Default: 60.' },
  { name: 'no-wait', help: 'Do not wait for the confirmation.' },
];

export const halt: Command = {
  name: 'halt',
  summary: 'Stop trading: no new orders, resting ones are cancelled. Waits for the confirmation.',
  description:
    'Requests the trading state Halted by annotation, as docs/runbook.md describes: no deployment tool lifts it.\n' +
    'Positions stay: while the halt lasts, exits and stops do not sell. To sell every position, see "flatten".\n' +
    'Then waits until risk and execution report it and the venue lists no open order, and says how many are\n' +
    'left. Exit code 0 if confirmed with no order open, 1 if not confirmed in time; the halt applies all the same.',
  argument: { kind: 'stack', name: 'STACK' },
  flags: REQUEST_FLAGS,
  examples: ["halt -n trading --reason 'flash crash'", 'halt -n trading demo --no-wait'],
  run: async (call, session) => {
    const { terminal, open } = session;
    const given = checkedRequest(call);
    const cluster = open(call.flags);
    const name = await stackName(cluster, call.argument);
    await requestHalt(cluster, name, await reasonFor(name, { cluster, given }, haltReason));
    terminal.out(`Requested: ${name} in namespace ${cluster.namespace} is to halt.`);
    if (isGiven(call, 'no-wait')) return EXIT.ok;
    terminal.note('Interrupting ends the wait only, not the halt.');
    const following = { name, timeoutMs: given.timeoutMs, judge: haltProgress, without: haltWithoutOperator };
    const { progress } = await followStatus(cluster, following, session);
    if (progress.kind === 'Done') {
      terminal.out(terminal.style.good(progress.line));
      return EXIT.ok;
    }
    terminal.note(
      terminal.style.bad(`Not confirmed within ${given.timeoutMs / 1_000} s: ${progress.line}.`) +
        '\nThe request stays. Repeat the command to wait longer, and see "Stop trading now" in docs/runbook.md.',
    );
    return EXIT.notAsWanted;
  },
};

export interface GivenRequest {
  readonly reason: string | undefined;
  readonly author: string | undefined;
  readonly timeoutMs: number;
}

export interface Requesting {
  readonly cluster: Cluster;
  readonly given: GivenRequest;
}

/** Checks the flags before anything is asked of the cluster. Throws PluginError `Usage`. */
export function checkedRequest(call: Call, seconds = 60): GivenRequest {
  return {
    reason: line(call, 'reason', REASON_MAX),
    author: line(call, 'author', AUTHOR_MAX),
    timeoutMs: wholeNumber(call, 'timeout', { min: 1, max: 3_600, fallback: seconds }) * 1_000,
  };
}

/** The annotation has no field for the author: the manager of the field is this program. */
export async function signedReason(
  cluster: Cluster,
  { reason, author }: GivenRequest,
  fallback: string,
): Promise<string> {
  const name = author ?? (await whoAmI(cluster)).slice(0, AUTHOR_MAX);
  return `${reason ?? fallback} (by ${name})`;
}

/** The reason that is given; else that of a request that is there already: who repeats the command has none. */
export async function reasonFor(
  name: string,
  { cluster, given }: Requesting,
  reasonOf: (stack: StoredStack) => string,
): Promise<string> {
  if (given.reason !== undefined) return await signedReason(cluster, given, '');
  const [present, signed] = await Promise.all([
    presentReason(cluster, name, reasonOf),
    signedReason(cluster, given, 'no reason given'),
  ]);
  return present === '' ? signed : present;
}
