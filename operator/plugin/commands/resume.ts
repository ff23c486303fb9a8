import { readStatus } from '../../api/v1alpha1/trading-stack/read-status.ts';
import type { SourceStatus } from '../../api/v1alpha1/trading-stack/status.ts';
import { EXIT, type ExitCode } from '../call/exit-code.ts';
import { isGiven, type Call, type Command } from '../call/command.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { followStatus } from '../cluster/follow-status.ts';
import { liftAnnotation, UNHEARD } from '../cluster/requests/lift-annotation.ts';
import { readStack } from '../cluster/read-stack.ts';
import { shownOf, type Shown } from '../cluster/requests/request-state.ts';
import type { Session } from '../session.ts';
import { since } from '../view/age.ts';
import { resumeProgress } from '../view/request-progress.ts';
import { isSale, restrictionLines, restrictionsOf, saleLines } from '../view/restrictions.ts';
import { checkedRequest, REQUEST_FLAGS, signedReason } from './halt.ts';

export const resume: Command = {
  name: 'resume',
  summary: 'Lift the halt that "halt" requested, and say what else keeps the stack from trading.',
  description:
    'Requests the trading state Active by annotation. It lifts what the annotation asks for, whoever set it, and\n' +
    'nothing else: a source is lifted only by itself. Those that remain are listed with what lifts each. A halt\n' +
    'that somebody sets meanwhile is not lifted. If spec.flatten requests a sale, it begins: "flatten --cancel"\n' +
    'withdraws it. A sale by annotation is not resumed: the halt has replaced it.\n' +
    'Exit code 0 if the stack trades, 1 if it stays restricted, also by a sale.',
  argument: { kind: 'stack', name: 'STACK' },
  flags: REQUEST_FLAGS,
  examples: ["resume -n trading --reason 'venue is back'", 'resume -n trading demo --author ada'],
  run,
};

async function run(call: Call, session: Session): Promise<ExitCode> {
  const { terminal, clock } = session;
  const given = checkedRequest(call);
  const { timeoutMs } = given;
  const cluster = session.open(call.flags);
  const stack = await readStack(cluster, call.argument);
  const { name } = stack.metadata;
  const { namespace } = cluster;
  const place = { name, namespace, status: readStatus(stack.status), nowMs: clock.nowMs() };
  const own = restrictionsOf(place).find(({ source }) => source.source === 'annotation')?.source;
  const shown = shownOf(stack);
  if (own === undefined && shown.state === 'Active') {
    terminal.out('The annotation requests no halt, so this command has none to lift.');
  } else {
    terminal.out(liftingLine(own, shown, place.nowMs));
    const isHeard = await liftAnnotation(stack, own, {
      cluster,
      session,
      timeoutMs,
      reason: await signedReason(cluster, given, 'resumed'),
    });
    terminal.out(`Requested: ${name} in namespace ${namespace} is to be released by the annotation.`);
    if (!isHeard) {
      terminal.note(terminal.style.bad(UNHEARD));
      return EXIT.notAsWanted;
    }
    if (isGiven(call, 'no-wait')) return EXIT.ok;
  }
  return await report(name, timeoutMs, { cluster, session });
}

function liftingLine(own: SourceStatus | undefined, shown: Shown, nowMs: number): string {
  const recorded = own !== undefined && isShown(own, shown) ? own : undefined;
  const { state, reason = '' } = recorded ?? shown;
  const what = state === 'Halted' ? 'the halt' : `the state ${state}`;
  const by = recorded === undefined || recorded.author === '' ? '' : ` by ${recorded.author}`;
  const when = recorded === undefined ? '' : `, requested ${since(recorded.since, nowMs)} ago${by}`;
  return `Lifting ${what} by annotation${when}${reason === '' ? '' : `: ${reason}`}`;
}

/** Whether the request on record is what the annotation shows, or has hidden by Active or its absence. */
function isShown(own: SourceStatus, shown: Shown): boolean {
  return shown.state === 'Active' || (shown.state === own.state && (shown.reason ?? own.reason) === own.reason);
}

async function report(
  name: string,
  timeoutMs: number,
  { cluster, session }: { readonly cluster: Cluster; readonly session: Session },
): Promise<ExitCode> {
  const { terminal } = session;
  const { progress, seen } = await followStatus(cluster, { name, timeoutMs, judge: resumeProgress }, session);
  if (progress.kind !== 'Done' || seen === undefined) {
    terminal.note(
      terminal.style.bad(`Not confirmed within ${timeoutMs / 1_000} s: ${progress.line}.`) +
        '\nRepeat the command to wait longer, and see "Stop trading now" in docs/runbook.md.',
    );
    return EXIT.notAsWanted;
  }
  const remaining = restrictionsOf(seen);
  if (remaining.length === 0) {
    terminal.out(terminal.style.good(progress.line));
    return EXIT.ok;
  }
  const lines = isSale(remaining) ? saleLines(seen) : restrictionLines(remaining);
  terminal.out([terminal.style.warn(progress.line), ...lines].join('\n'));
  return EXIT.notAsWanted;
}
