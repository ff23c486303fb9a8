import type { ChaosRun } from './chaos-arguments.ts';
import { pause } from './faults/pause.ts';
import { booksLine, faultLine, violationLine, type ChaosRecord, type FaultRecord } from './report.ts';
import { strikesOf, type Strike } from './schedule.ts';
import type { ChaosWorld } from './world.ts';

/** The books are compared at the first fault that ends so long after the last comparison, and at the end. */
const BOOKS_EVERY_MS = 180_000;

export interface ChaosOutput {
  readonly record: ChaosRecord;
  readonly say: (line: string) => void;
  /** Ends the run: what is in progress is undone, and not judged. */
  readonly stop: AbortSignal;
}

/** Injects faults for as long as the run says, waits after each until the stack trades, and compares the books. */
export async function runChaos(
  world: ChaosWorld,
  { minutes, everySeconds, seed, faults }: Omit<ChaosRun, 'json'>,
  output: ChaosOutput,
): Promise<void> {
  const { clock } = world;
  const { stop } = output;
  await world.firstOrderAfter(0).catch(violator('the start', world, output));
  const endMs = clock.monotonicMs() + minutes * 60_000;
  const isOver = (): boolean => stop.aborted || clock.monotonicMs() >= endMs;
  let booksAtMs = clock.monotonicMs();
  for (const strike of strikesOf(faults, seed)) {
    if (isOver()) break;
    const nextMs = Math.min(clock.monotonicMs() + everySeconds * 1_000, endMs);
    await strikeAndRecover(world, strike, output);
    if (!isOver() && clock.monotonicMs() - booksAtMs >= BOOKS_EVERY_MS) {
      await compareBooks(world, strike.fault, output);
      booksAtMs = clock.monotonicMs();
    }
    await pause(Math.max(0, nextMs - clock.monotonicMs()) / 1_000, stop, clock);
  }
  if (!stop.aborted) await compareBooks(world, 'the last fault', output);
}

async function strikeAndRecover(world: ChaosWorld, { fault, seconds }: Strike, output: ChaosOutput): Promise<void> {
  const { clock } = world;
  const { record, say, stop } = output;
  const violate = violator(fault, world, output);
  const atMs = clock.nowMs();
  const found = await world.strike(fault, { seconds, stop }).catch(violate);
  const endMs = clock.nowMs();
  if (stop.aborted) return;
  const runningMs = await world.untilRunsAgain().then(() => clock.nowMs() - endMs, violate);
  const orderAtMs = await world.firstOrderAfter(endMs).catch(violate);
  if (stop.aborted) return;
  const orderMs = orderAtMs === undefined ? undefined : orderAtMs - endMs;
  const done: FaultRecord = { atMs, fault, lastedMs: endMs - atMs, runningMs, orderMs };
  record.faults.push(done);
  say(faultLine(done));
  for (const text of found ?? []) violate(text);
}

async function compareBooks(world: ChaosWorld, after: string, output: ChaosOutput): Promise<void> {
  const violate = violator(after, world, output);
  const verdict = await world.judgeBooks().catch(violate);
  for (const text of verdict?.violations ?? []) violate(text);
  if (verdict?.violations.length === 0 && !output.stop.aborted) output.say(booksLine(world.clock.nowMs(), verdict));
}

/** Returns a function that records a violation. A failure that an interrupt causes is none. */
function violator(
  after: string,
  { clock }: ChaosWorld,
  { record, say, stop }: ChaosOutput,
): (cause: unknown) => undefined {
  return (cause) => {
    if (stop.aborted) return;
    const text = cause instanceof Error ? cause.message : String(cause);
    const violation = { atMs: clock.nowMs(), after, text };
    record.violations.push(violation);
    say(violationLine(violation));
  };
}
