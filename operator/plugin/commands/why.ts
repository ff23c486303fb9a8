import { EXIT } from '../call/exit-code.ts';
import { valueOf, type Command } from '../call/command.ts';
import { OUTPUT } from '../call/flags.ts';
import { readReport } from '../cluster/read-report.ts';
import { documentText } from '../text/document.ts';
import { whyText } from '../text/why-text.ts';
import { blockingChains } from '../view/blocking-chain.ts';
import { exitsIn, overdueIn } from '../view/exits.ts';
import { missingOf } from '../view/part.ts';
import { restrictionsOf } from '../view/restrictions.ts';
import { isAsWanted } from '../view/stack-report.ts';

export const why: Command = {
  name: 'why',
  summary: 'Explain what blocks a stack: what waits for what, the failing check, and the remedy.',
  description:
    'Follows the first problem of a stack from the stack to tier, gate, service, pod and check, with what\n' +
    'it means, what to do, and where the runbook has it. Then lists what restricts trading, and what lifts it, and\n' +
    'the positions that should have been closed a minute ago. Exit code 0 if there is none of all that, 1 if there\n' +
    'is; 3 or 5 if there is none, but risk could not be asked for the positions.',
  argument: { kind: 'stack', name: 'STACK' },
  flags: [OUTPUT],
  examples: ['why -n trading', 'why -n trading demo -o json'],
  run: async (call, { open, clock, terminal }) => {
    const { report } = await readReport(open(call.flags), call.argument, clock);
    const chains = blockingChains(report);
    const restrictions = restrictionsOf(report);
    const format = valueOf(call, 'output');
    const { pods, events } = report;
    const exits = exitsIn(pods);
    const overdue = exits.known ? overdueIn(exits.value, report.nowMs) : [];
    terminal.out(
      format === undefined
        ? whyText(report, chains, terminal)
        : documentText(
            {
              chains,
              restrictions,
              notClosed: exits.known ? overdue : null,
              missing: missingOf([pods, exits, events]),
            },
            format,
          ),
    );
    const isFree = chains.length === 0 && restrictions.length === 0 && overdue.length === 0 && isAsWanted(report);
    if (!isFree) return EXIT.notAsWanted;
    if (exits.known) return EXIT.ok;
    return exits.forbidden ? EXIT.forbidden : EXIT.unavailable;
  },
};
