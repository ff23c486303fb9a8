import type { LogLine } from '../../harness/processes/service-process.ts';

/** Where the time of one hand-over went, in milliseconds by the clock of the machine that runs both processes. */
export interface HandOver {
  /** Epoch of the next sender. */
  readonly epoch: number;
  /** When it was allowed to send, in UTC milliseconds. */
  readonly mayMs: number;
  /** Whether the old sender had released the fence before the next one took it. */
  readonly drained: boolean;
  /** From the request to drain until the next sender was allowed to send: the sum of the three others. */
  readonly handOverMs: number;
  /** Until the old sender had released the fence, or lost it. */
  readonly drainMs: number;
  /** From then on until the next one held it: the answer to the request to drain, and the request to activate. */
  readonly fenceMs: number;
  /** From then on until it was allowed to send. */
  readonly activateMs: number;
}

interface Step {
  readonly atMs: number;
  readonly kind: string;
  readonly epoch: number;
}

/**
 * Reads the hand-overs from what all processes of execution logged. A change of the sender whose old one was not asked
 * to drain is none.
 */
export function handOversIn(lines: readonly LogLine[]): readonly HandOver[] {
  const steps = lines.flatMap(stepOf).toSorted((a, b) => a.atMs - b.atMs);
  return steps.filter(({ kind }) => kind === 'taken').flatMap((taken) => handOverTo(taken, steps) ?? []);
}

function handOverTo({ epoch, atMs }: Step, steps: readonly Step[]): HandOver | undefined {
  const may = steps.find((step) => step.kind === 'active' && step.epoch === epoch);
  const before = steps.filter((step) => step.atMs <= atMs && step.epoch < epoch);
  const asked = before.findLast(({ kind }) => kind === 'draining');
  const sent = before.findLast(({ kind }) => kind === 'active');
  if (may === undefined || asked === undefined || asked.epoch !== sent?.epoch) return undefined;
  const released = before.findLast((step) => step.kind === 'standby' && step.atMs >= asked.atMs);
  const endMs = released?.atMs ?? atMs;
  return {
    epoch,
    mayMs: may.atMs,
    drained: released !== undefined,
    handOverMs: may.atMs - asked.atMs,
    drainMs: endMs - asked.atMs,
    fenceMs: atMs - endMs,
    activateMs: may.atMs - atMs,
  };
}

/** The lines of `fence/sender-fence.ts`. */
function stepOf({ msg, time, role, epoch }: LogLine): readonly Step[] {
  const [atMs, held] = [Date.parse(String(time)), Number(epoch)];
  if (msg === 'fence taken') return [{ atMs, kind: 'taken', epoch: held }];
  return msg === 'role changed' ? [{ atMs, kind: String(role), epoch: held }] : [];
}
