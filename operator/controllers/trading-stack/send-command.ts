import type { Logger } from '../../../services/shared/runtime/logger.ts';
import type { PostTradingState, TradingStateOutcome } from '../../pods/post-trading-state.ts';
import type { TradingCommand } from './trading/commands-to.ts';

export interface SendCommandOptions {
  readonly postTradingState: PostTradingState;
  readonly log: Logger;
}

/** Sends a command to its process once and logs the outcome. Never rejects. */
export async function sendCommand(
  { postTradingState, log }: SendCommandOptions,
  { pod, ip, service, request }: TradingCommand,
  { token, signal }: { readonly token: string; readonly signal: AbortSignal },
): Promise<TradingStateOutcome> {
  const outcome = await postTradingState({ ip, service }, request, token, signal);
  const { source, state, revision } = request;
  const level = outcome.kind === 'Accepted' ? 'info' : 'warn';
  const problem = 'reason' in outcome ? { problem: outcome.reason } : {};
  log[level]({ pod, source, state, revision, outcome: outcome.kind, ...problem }, 'trading state sent');
  return outcome;
}
