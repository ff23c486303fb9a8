import type { Clock } from '../../../services/shared/runtime/clock.ts';
import type { TradingStateOutcome } from '../../pods/post-trading-state.ts';
import type { RequestSlots } from '../../pods/request-slots.ts';
import type { ObservedPod } from './observe/observation.ts';
import { createCommandAnswers } from './command-answers.ts';
import { sendCommand, type SendCommandOptions } from './send-command.ts';
import type { CommandResult } from './trading/after-commands.ts';
import type { TradingCommand } from './trading/commands-to.ts';

/**
 * Sends the trading state to the processes of all stacks on a clock of its own, so that a reconcile never waits for a
 * process, and a silent process delays no command to another. States of a command: in flight -> waiting to be repeated,
 * until it is replaced or no longer wanted.
 */
export interface CommandSender {
  /** Sets the commands of a stack, most restrictive first for each pod. Each is repeated until it is no longer set. */
  set(key: string, commands: readonly TradingCommand[], token: string): void;
  /** Returns the results for these pods, by UID: the answers that are newer than the last report of the process. */
  resultsOf(pods: readonly ObservedPod[]): ReadonlyMap<string, CommandResult>;
  /** Aborts all commands and resolves when none is in flight any more. */
  stop(): Promise<void>;
}

export interface CommandSenderOptions extends SendCommandOptions {
  readonly slots: RequestSlots;
  readonly clock: Clock;
  /** Pause before a command is repeated. Default: 1 s, as between two requests for the status. */
  readonly intervalMs?: number;
  /** Called when a process of the stack has answered a command, or has not. */
  readonly onResult: (key: string) => void;
}

/** The command of one source to one pod. At most one is in flight. */
interface Line {
  readonly key: string;
  readonly command: TradingCommand;
  readonly end: AbortController;
  token: string;
  problem: CommandResult['problem'];
  /** Time of the first result of those that have failed since. */
  failedSince: string | undefined;
}

/** Creates a sender. Bound: one command for each source and pod that is set. */
export function createCommandSender(options: CommandSenderOptions): CommandSender {
  const { clock, slots, onResult, intervalMs = 1_000 } = options;
  const lines = new Map<string, Line>();
  const running = new Set<Promise<void>>();
  const answers = createCommandAnswers(clock);
  let stopped = false;

  function end(id: string): void {
    lines.get(id)?.end.abort(new Error('the command is no longer wanted'));
    lines.delete(id);
  }

  async function run(line: Line): Promise<void> {
    const {
      command,
      end: { signal },
    } = line;
    for (let kind: 'New' | 'Silent' = 'New'; !signal.aborted; kind = 'Silent') {
      const release = await slots.take(kind, signal);
      const outcome = await sendCommand(options, command, { token: line.token, signal }).finally(release);
      if (signal.aborted) return;
      answers.note(command.uid, outcome);
      const hasFailed = outcome.kind === 'Refused' || outcome.kind === 'Unanswered';
      line.failedSince = hasFailed ? (line.failedSince ?? new Date(clock.nowMs()).toISOString()) : undefined;
      line.problem = problemOf(outcome, line.failedSince);
      onResult(line.key);
      await clock.sleep(intervalMs, signal);
    }
  }

  function start(id: string, line: Line): void {
    lines.set(id, line);
    const ended = run(line).catch((error: unknown) => {
      if (!line.end.signal.aborted) throw error;
    });
    running.add(ended);
    void ended.finally(() => running.delete(ended));
  }

  return {
    set: (key, commands, token) => {
      if (stopped) return;
      const wanted = new Map(strictest(commands).map((command) => [idOf(command), command]));
      for (const [id, line] of lines) {
        if (line.key === key && !isSame(line.command, wanted.get(id))) end(id);
      }
      for (const [id, command] of wanted) {
        const line = lines.get(id);
        if (line === undefined)
          start(id, { key, command, token, end: new AbortController(), problem: undefined, failedSince: undefined });
        else line.token = token;
      }
    },
    resultsOf: (pods) => {
      const failed = [...lines.values()].filter(({ problem }) => problem !== undefined);
      return answers.resultsOf(pods, new Map(failed.map(({ command, problem }) => [command.uid, problem])));
    },
    stop: async () => {
      stopped = true;
      for (const id of lines.keys()) end(id);
      await Promise.all(running);
    },
  };
}

/**
 * Returns for each pod the commands of its most restrictive state. The others follow once these are obeyed, so that a
 * lift of one source never comes before the halt of another.
 */
function strictest(commands: readonly TradingCommand[]): readonly TradingCommand[] {
  const first = new Map<string, TradingCommand>();
  for (const command of commands) if (!first.has(command.uid)) first.set(command.uid, command);
  return commands.filter(({ uid, request }) => first.get(uid)?.request.state === request.state);
}

function idOf({ uid, request }: TradingCommand): string {
  return `${uid} ${request.source}`;
}

function isSame({ ip, request }: TradingCommand, other: TradingCommand | undefined): boolean {
  return ip === other?.ip && request.state === other.request.state && request.revision === other.request.revision;
}

/** An operator that lost the lease writes no status, so LeaseLost is not a problem to show. */
function problemOf(outcome: TradingStateOutcome, since = ''): CommandResult['problem'] {
  if (outcome.kind !== 'Refused' && outcome.kind !== 'Unanswered') return undefined;
  const reason = outcome.kind === 'Refused' ? 'CommandRefused' : 'CommandUnanswered';
  return { reason, message: `${outcome.reason} (since ${since})` };
}
