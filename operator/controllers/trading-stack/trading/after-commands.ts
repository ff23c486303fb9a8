import type { TradingStatus } from '../../../../services/shared/contracts/control.ts';
import type { Statusz } from '../../../../services/shared/contracts/statusz.ts';
import type { Problem } from '../../../../services/shared/domain/problem.ts';
import type { Observation, ObservedPod } from '../observe/observation.ts';

/** Result of the commands to one process. */
export interface CommandResult {
  /** Why a command was not obeyed. */
  readonly problem: Problem | undefined;
  /** Trading state that the process answered with; undefined if it did not answer. */
  readonly trading: TradingStatus | undefined;
}

/** Returns the observation with what the processes answered to the commands. Results are keyed by UID of the pod. */
export function afterCommands(observation: Observation, results: ReadonlyMap<string, CommandResult>): Observation {
  if (results.size === 0) return observation;
  return { ...observation, pods: observation.pods.map((pod) => afterCommand(pod, results.get(pod.uid))) };
}

function afterCommand(pod: ObservedPod, result: CommandResult | undefined): ObservedPod {
  if (result === undefined) return pod;
  const { problem: command, trading } = result;
  const { answer } = pod;
  if (trading === undefined || answer.kind === 'Silent') return { ...pod, command };
  const { state, sources, persisted } = trading;
  const statusz = { ...withoutOpenOrders(answer.statusz), trading: { state, sources, persisted } };
  return { ...pod, command, answer: { ...answer, statusz } };
}

/** The answer is older than the command, and so is its list of open orders: it does not confirm a halt. */
function withoutOpenOrders(statusz: Statusz): Statusz {
  return statusz.sender === undefined ? statusz : { ...statusz, sender: { ...statusz.sender, openOrders: null } };
}
