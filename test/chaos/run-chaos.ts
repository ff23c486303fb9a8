import { judgeBooks } from './books.ts';
import type { ChaosRun } from './chaos-arguments.ts';
import { faultNamed } from './faults/all-faults.ts';
import type { ChaosStack } from './faults/fault.ts';
import { pause } from './faults/pause.ts';
import { firstOrderAfter, untilRunsAgain } from './recovery.ts';
import { booksLine, faultLine, violationLine, type ChaosRecord, type FaultRecord } from './report.ts';
import { strikesOf, type Strike } from './schedule.ts';

/** The books are compared at the first fault that ends so long after the last comparison, and at the end. */
const BOOKS_EVERY_MS = 180_000;

export interface ChaosOutput {
  readonly record: ChaosRecord;
  readonly say: (line: string) => void;
  /** Ends the run after the fault that is being injected. */
  readonly stop: AbortSignal;
}

/** Injects faults for as long as the run says, waits after each until the stack trades, and compares the books. */
export async function runChaos(
  stack: ChaosStack,
  { minutes, everySeconds, seed, faults }: ChaosRun,
  output: ChaosOutput,
): Promise<void> {
  const { stop } = output;
  const endMs = Date.now() + minutes * 60_000;
  const isOver = (): boolean => stop.aborted || Date.now() >= endMs;
  let booksAtMs = Date.now();
  await firstOrderAfter(stack, 0);
  for (const strike of strikesOf(faults, seed)) {
    if (isOver()) break;
    const nextMs = Date.now() + everySeconds * 1_000;
    await strikeAndRecover(stack, strike, output);
    if (!isOver() && Date.now() - booksAtMs >= BOOKS_EVERY_MS) {
      await compareBooks(stack, strike.fault, output);
      booksAtMs = Date.now();
    }
    await pause(Math.max(0, Math.min(nextMs, endMs) - Date.now()) / 1_000, stop);
  }
  if (!stop.aborted) await compareBooks(stack, 'the last fault', output);
}

async function strikeAndRecover(
  stack: ChaosStack,
  { fault, seconds }: Strike,
  { record, say, stop }: ChaosOutput,
): Promise<void> {
  const atMs = Date.now();
  const violate = violator(fault, { record, say, stop });
  const found = await faultNamed(fault).strike(stack, { seconds, stop }).catch(violate);
  const endMs = Date.now();
  if (stop.aborted) return;
  const runningMs = await untilRunsAgain(stack).then(() => Date.now() - endMs, violate);
  const orderAtMs = await firstOrderAfter(stack, endMs).catch(violate);
  const orderMs = orderAtMs === undefined ? undefined : orderAtMs - endMs;
  const done: FaultRecord = { atMs, fault, lastedMs: endMs - atMs, runningMs, orderMs };
  record.faults.push(done);
  say(faultLine(done));
  for (const text of found ?? []) violate(text);
}

async function compareBooks(stack: ChaosStack, after: string, output: ChaosOutput): Promise<void> {
  const violate = violator(after, output);
  const verdict = await judgeBooks(stack).catch(violate);
  for (const text of verdict?.violations ?? []) violate(text);
  if (verdict?.violations.length === 0) output.say(booksLine(Date.now(), verdict));
}

/** A failure that an interrupt causes is no violation. */
function violator(after: string, { record, say, stop }: ChaosOutput): (cause: unknown) => undefined {
  return (cause) => {
    if (stop.aborted) return;
    const text = cause instanceof Error ? cause.message : String(cause);
    const violation = { atMs: Date.now(), after, text };
    record.violations.push(violation);
    say(violationLine(violation));
  };
}
