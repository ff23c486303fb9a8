import { EXIT, type ExitCode } from '../call/exit-code.ts';
import { isGiven, valueOf, type Call, type Command } from '../call/command.ts';
import { OUTPUT } from '../call/flags.ts';
import { PluginError } from '../call/plugin-error.ts';
import { readReport, type Read } from '../cluster/read-report.ts';
import type { Session } from '../session.ts';
import { documentText, stackDocument } from '../text/document.ts';
import { statusText } from '../text/status-text.ts';
import { duration } from '../view/age.ts';
import { isAsWanted } from '../view/stack-report.ts';

export const status: Command = {
  name: 'status',
  summary: 'Show a stack: release, trading state, sender, tiers with their gates, pods, conditions, events.',
  description:
    'Shows what the operator observes of a stack, and what its processes report of themselves.\n' +
    'What you may not read is named, and the rest is shown. Exit code 0 if the stack is Running and\n' +
    'an operator observes it, 1 if not.',
  argument: { kind: 'stack', name: 'STACK' },
  flags: [OUTPUT, { name: 'watch', short: 'w', help: 'Show it again every two seconds, until interrupted.' }],
  examples: ['status -n trading', 'status -n trading demo --watch', 'status -n trading -o json | jq .status.phase'],
  run: async (call, session) => (isGiven(call, 'watch') ? await watch(call, session) : await showOnce(call, session)),
};

async function showOnce(call: Call, session: Session): Promise<ExitCode> {
  const read = await readReport(session.open(call.flags), call.argument, session.clock);
  session.terminal.out(textOf(read, call, session));
  return isAsWanted(read.report) ? EXIT.ok : EXIT.notAsWanted;
}

function textOf({ stack, report }: Read, call: Call, { terminal }: Session): string {
  const format = valueOf(call, 'output');
  if (format !== undefined) return documentText(stackDocument(stack, report), format);
  return statusText(report, terminal);
}

const EVERY_MS = 2_000;

/** Never ends by itself. A read that fails leaves the last picture, with its age. */
async function watch(call: Call, session: Session): Promise<never> {
  const { clock, terminal } = session;
  const cluster = session.open(call.flags);
  let [shown, readAtMs] = ['', Number.NaN];
  for (;;) {
    try {
      const read = await readReport(cluster, call.argument, clock);
      [shown, readAtMs] = [textOf(read, call, session), clock.monotonicMs()];
      terminal.clear();
      terminal.out(shown);
    } catch (error) {
      if (!(error instanceof PluginError) || shown === '') throw error;
      terminal.clear();
      terminal.out(shown);
      terminal.out(
        `\n${terminal.style.bad(`Read ${duration(clock.monotonicMs() - readAtMs)} ago, not known since: ${error.message}`)}`,
      );
    }
    await clock.sleep(EVERY_MS);
  }
}
