import { APPROVE_SWAP_ANNOTATION } from '../../api/v1alpha1/labels.ts';
import { EXIT } from '../call/exit-code.ts';
import type { Command } from '../call/command.ts';
import { annotate } from '../cluster/annotate.ts';
import { observedStatus } from '../cluster/observed-status.ts';
import { readStack } from '../cluster/read-stack.ts';
import { gapText, swapLine, waitLines } from '../text/plan-lines.ts';

export const promote: Command = {
  name: 'promote',
  summary: 'Approve the swap of the sender that waits for a person.',
  description:
    'Sets the annotation tradingstack.dev/approve-swap to the release whose sender waits for an approval\n' +
    '(spec.execution.swap.approval: Manual). It approves this release only: a later edit needs another approval.\n' +
    'The gates are not skipped. Exit code 0 if the approval is set, 1 if no swap waits for one.',
  argument: { kind: 'stack', name: 'STACK' },
  flags: [],
  examples: ['promote -n trading', 'promote -n trading demo'],
  run: async (call, { open, terminal, clock }) => {
    const cluster = open(call.flags);
    const stack = await readStack(cluster, call.argument);
    const { name } = stack.metadata;
    const { plan, release } = observedStatus(stack, clock.nowMs());
    const waiting = plan.find(({ waitingFor }) => waitingFor.some(({ what }) => what === 'Approval'));
    if (waiting?.release === undefined) {
      const swap = plan.find(({ action }) => action === 'Swap');
      const why =
        swap === undefined ? 'no swap of the sender is planned' : 'the swap that is planned needs no approval';
      terminal.note(`Nothing was approved: no swap of ${name} waits for an approval; ${why}.`);
      return EXIT.notAsWanted;
    }
    await annotate(cluster, stack, [APPROVE_SWAP_ANNOTATION, waiting.release]);
    const version = release?.history?.find((each) => each.release === waiting.release)?.version;
    const named = version === undefined ? '' : ` (version ${version})`;
    terminal.out(
      `Approved: release ${waiting.release}${named} of ${name}; ${swapLine(waiting.from, waiting.to)}, ${gapText(waiting.predictedGapMs)}.`,
    );
    const earlier = plan.slice(0, plan.indexOf(waiting)).flatMap(({ waitingFor }) => waitingFor);
    const others = [...earlier, ...waiting.waitingFor.filter(({ what }) => what !== 'Approval')];
    if (others.length > 0) terminal.out(['It still:', ...waitLines(others, terminal)].join('\n'));
    return EXIT.ok;
  },
};
