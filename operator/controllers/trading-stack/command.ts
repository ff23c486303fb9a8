import type { Logger } from '../../../services/shared/runtime/logger.ts';
import type { PostTradingState, TradingStateOutcome } from '../../pods/post-trading-state.ts';
import type { CommandResult } from './trading/after-commands.ts';
import type { TradingCommand } from './trading/plan-trading.ts';

export interface CommandOptions {
  readonly postTradingState: PostTradingState;
  readonly log: Logger;
}

/**
 * Sends every process the trading states that it must obey, and returns the result for each, by UID of its pod. All
 * processes are addressed at once, so that a silent one delays none; the commands to one process go in their order.
 */
export async function sendCommands(
  options: CommandOptions,
  commands: readonly TradingCommand[],
  token: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, CommandResult>> {
  const byPod = Map.groupBy(commands, ({ uid }) => uid);
  const results = [...byPod].map(async ([uid, own]) => [uid, await sendTo(options, own, token, signal)] as const);
  return new Map(await Promise.all(results));
}

async function sendTo(
  { postTradingState, log }: CommandOptions,
  commands: readonly TradingCommand[],
  token: string,
  signal: AbortSignal,
): Promise<CommandResult> {
  let result: CommandResult = { problem: undefined, trading: undefined };
  for (const { pod, ip, service, request } of commands) {
    const outcome = await postTradingState({ ip, service }, request, token, signal);
    const { source, state, revision } = request;
    const level = outcome.kind === 'Accepted' ? 'info' : 'warn';
    log[level]({ pod, source, state, revision, outcome: outcome.kind, ...reasonIn(outcome) }, 'trading state sent');
    result = after(result, outcome);
    // The rest would wait for the same silence.
    if (outcome.kind === 'Unanswered' || outcome.kind === 'LeaseLost') break;
  }
  return result;
}

function reasonIn(outcome: TradingStateOutcome): { readonly problem?: string } {
  return 'reason' in outcome ? { problem: outcome.reason } : {};
}

function after(before: CommandResult, outcome: TradingStateOutcome): CommandResult {
  switch (outcome.kind) {
    case 'Accepted':
      return { problem: before.problem, trading: outcome.body };
    case 'Refused':
      return {
        problem: { reason: 'CommandRefused', message: outcome.reason },
        trading: outcome.body ?? before.trading,
      };
    case 'Unanswered':
      return { problem: { reason: 'CommandUnanswered', message: outcome.reason }, trading: before.trading };
    default:
      return before;
  }
}
