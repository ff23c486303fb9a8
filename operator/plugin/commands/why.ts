import { EXIT } from '../call/exit-code.ts';
import { valueOf, type Command } from '../call/command.ts';
import { OUTPUT } from '../call/flags.ts';
import { readReport } from '../cluster/read-report.ts';
import { documentText } from '../text/document.ts';
import { whyText } from '../text/why-text.ts';
import { blockingChains } from '../view/blocking-chain.ts';
import { missingOf } from '../view/part.ts';
import { restrictionsOf } from '../view/restrictions.ts';
import { isAsWanted } from '../view/stack-report.ts';

export const why: Command = {
  name: 'why',
  summary: 'Explain what blocks a stack: what waits for what, the failing check, and the remedy.',
  description:
    'Follows the first problem of a stack from the stack to tier, gate, service, pod and check, with what\n' +
    'it means, what to do, and where the runbook has it. Then lists what restricts trading, and what lifts it.\n' +
    'Exit code 0 if nothing blocks the stack and nothing restricts trading, 1 if something does.',
  argument: { kind: 'stack', name: 'STACK' },
  flags: [OUTPUT],
  examples: ['why -n trading', 'why -n trading demo -o json'],
  run: async (call, { open, clock, terminal }) => {
    const { report } = await readReport(open(call.flags), call.argument, clock);
    const chains = blockingChains(report);
    const restrictions = restrictionsOf(report);
    const format = valueOf(call, 'output');
    const { pods, events } = report;
    terminal.out(
      format === undefined
        ? whyText(report, chains, terminal)
        : documentText({ chains, restrictions, missing: missingOf([pods, events]) }, format),
    );
    const isFree = chains.length === 0 && restrictions.length === 0 && isAsWanted(report);
    return isFree ? EXIT.ok : EXIT.notAsWanted;
  },
};
