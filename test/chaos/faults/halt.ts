import { haltSources, type HaltSource } from '../../e2e/halt/halt-sources.ts';
import { judge } from '../../e2e/halt/halt-verdict.ts';
import { untilHalted, untilNoneOpen, untilTradingState } from '../../e2e/halt/trading-state.ts';
import type { ChaosStack, Fault } from './fault.ts';
import { pause } from './pause.ts';

/** Sources of a halt by a person, as the status names them: a patch, an annotation, a row, the program in the pod. */
export const HALT_SOURCES = ['spec', 'annotation', 'desk', 'command'] as const;

/** A person halts the stack, and lifts the halt. */
export function haltOf(source: (typeof HALT_SOURCES)[number]): Fault {
  return {
    name: `halt-${source}`,
    strike: async (stack, { seconds, stop }) =>
      await whileHalted(stack, source, async () => {
        await pause(seconds, stop);
        return [];
      }),
  };
}

/**
 * Halts the stack, does `work` once the halt is confirmed and no order is open, and lifts the halt. Returns the
 * violations that `work` finds, orders that the venue received after the confirmation, and orders open at the end.
 * Throws if the halt or the lift is not confirmed within two minutes.
 */
export async function whileHalted(
  stack: ChaosStack,
  source: (typeof HALT_SOURCES)[number],
  work: () => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const { set } = sourceOf(stack, source);
  const requestedAtMs = Date.now();
  try {
    await set('Halted');
    const confirmedAtMs = await untilHalted(stack);
    await untilNoneOpen(stack);
    const found = await work();
    const { afterConfirmation, open } = await judge(stack, { requestedAtMs, confirmedAtMs });
    return [
      ...found,
      ...afterConfirmation.map((order) => `I10: the venue received ${order} after the halt was confirmed`),
      ...open.map((order) => `I10: ${order} is open though the halt says that no order is`),
    ];
  } finally {
    await set('Active');
    await untilTradingState(stack, 'Active');
  }
}

function sourceOf(stack: ChaosStack, source: (typeof HALT_SOURCES)[number]): HaltSource {
  const found = haltSources(stack).find((candidate) => candidate.source.Halted === source);
  if (found === undefined) throw new Error(`no source of halts is named ${source}`);
  return found;
}
