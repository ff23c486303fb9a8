import type { V1ContainerStatus } from '@kubernetes/client-node';
import type { Problem } from '../../../../services/shared/domain/problem.ts';
import type { Wire } from '../../../kube/client/resource.ts';

export type ContainerStatus = Wire<V1ContainerStatus>;
type Ended = NonNullable<NonNullable<ContainerStatus['state']>['terminated']>;

/**
 * A process that runs for less than this after the end of another one may be about to end in the same way: a crash
 * loop answers for a moment after each restart, and may even be ready.
 */
const STEADY_MS = 10_000;

/** The line of a log tail that names the error. */
const ERROR_LINE = /^\w*Error: .+$/m;
/** `Reason: message`, as services write it to their termination log. */
const TERMINATION_MESSAGE = /^([A-Z][A-Za-z0-9]{2,60}): (.+)$/s;

/** The text of a line of a service's log, which stands last in it. */
const LOG_MESSAGE = /"msg":"((?:[^"\\]|\\.)*)"}?$/;

/** Whether no process has run since the last end for long enough to show that it stays up. */
export function endedRecently(container: ContainerStatus | undefined, nowMs: number): boolean {
  const { state, lastState } = container ?? {};
  if (state?.terminated !== undefined) return true;
  if (lastState?.terminated === undefined) return false;
  const startedMs = Date.parse(state?.running?.startedAt ?? '');
  // The time is of the clock of the node. If that is far ahead, it says nothing.
  return Math.abs(nowMs - startedMs) < STEADY_MS;
}

/** How the process last ended, however long ago. Only one that has a task to complete may end with success. */
export function endedProblem(container: ContainerStatus | undefined, mayComplete: boolean): Problem | undefined {
  if (container === undefined) return undefined;
  const ended = container.state?.terminated ?? container.lastState?.terminated;
  if (ended === undefined || (mayComplete && ended.exitCode === 0)) return undefined;
  return exitProblem(ended, container.restartCount);
}

function exitProblem({ reason = 'Error', message = '', exitCode }: Ended, restarts: number): Problem {
  const exit = `exit code ${exitCode}, restarts: ${restarts}`;
  const [, ownReason, ownMessage] = TERMINATION_MESSAGE.exec(message.trim()) ?? [];
  if (ownReason !== undefined && ownMessage !== undefined)
    return { reason: ownReason, message: `${ownMessage} (${exit})` };
  const [errorLine = lastWords(message)] = ERROR_LINE.exec(message) ?? [];
  return { reason, message: errorLine === '' ? exit : `${exit}; ${errorLine}` };
}

/** A process that writes no termination message has the tail of its log as one. Services log JSON, a line an event. */
function lastWords(message: string): string {
  const last = message.trim().split('\n').at(-1) ?? '';
  const logged = LOG_MESSAGE.exec(last)?.[1];
  return logged === undefined ? last : `its last log line: ${logged}`;
}
