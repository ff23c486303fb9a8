import type { TradingStateResponse } from '../../shared/contracts/control.ts';
import { isMoreRestrictive, type TradingState } from '../../shared/domain/trading-state.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { messageOf } from '../../shared/runtime/errors.ts';
import { parseArguments, USAGE, type HaltArguments } from './arguments.ts';
import { awaitConfirmation } from './await-confirmation.ts';
import type { HaltConfig } from './config.ts';
import { sendCommand } from './control-client.ts';
import {
  COMMAND,
  describeApplied,
  describeRefusal,
  isLiftedByRisk,
  LIFTED_BY_RISK,
  NOT_SELLING,
  RESUME,
  SELLING,
  soldAlready,
  stillRestricted,
  UNCONFIRMED,
  WITHOUT,
} from './lines.ts';

export interface Modules {
  /** Throws ConfigError. */
  readonly readConfig: () => HaltConfig;
  readonly clock: Clock;
  readonly print: (line: string) => void;
  readonly printProblem: (line: string) => void;
}

const EXIT = { done: 0, failed: 1, usage: 2, restricted: 3 } as const;

/** Runs the program, and returns its exit code: see USAGE. */
export async function runProgram(args: readonly string[], modules: Modules): Promise<number> {
  const { print, printProblem } = modules;
  const parsed = parseArguments(args);
  if (parsed.kind === 'Help') {
    print(USAGE);
    return EXIT.done;
  }
  if (parsed.kind === 'Invalid') {
    printProblem(`${parsed.problem}\n\n${USAGE}`);
    return EXIT.usage;
  }
  const config = tryConfig(modules);
  return config === undefined ? EXIT.failed : await request(parsed.given, config, modules);
}

function tryConfig({ readConfig, printProblem }: Modules): HaltConfig | undefined {
  try {
    return readConfig();
  } catch (error) {
    printProblem(`${messageOf(error)}\nThis program runs in a pod of execution. ${WITHOUT}`);
    return undefined;
  }
}

async function request(given: HaltArguments, config: HaltConfig, modules: Modules): Promise<number> {
  const { clock, print, printProblem } = modules;
  const { state, reason, author = config.author } = given;
  const answer = await sendCommand(config, { source: COMMAND, state, author, reason, revision: clock.nowMs() });
  if (answer.kind !== 'Applied') {
    printProblem(describeRefusal(answer, config.url));
    return EXIT.failed;
  }
  for (const line of describeApplied(given.state, answer.now)) print(line);
  return state === 'Halted' ? await confirm(given, config, modules) : finish(given, answer.now, modules);
}

async function confirm({ timeoutMs }: HaltArguments, config: HaltConfig, modules: Modules): Promise<number> {
  const { clock, print, printProblem } = modules;
  const { kind, line } = await awaitConfirmation(config, { clock, timeoutMs, print });
  if (kind === 'Confirmed') {
    print(`Confirmed: ${line}.\n${RESUME}`);
    return EXIT.done;
  }
  if (kind === 'Lifted') printProblem(`Lifted meanwhile by somebody else: ${line}. Repeat the command to halt again.`);
  else printProblem(`Not confirmed within ${timeoutMs / 1_000} s: ${line}.\n${UNCONFIRMED}`);
  return EXIT.failed;
}

function finish({ state }: HaltArguments, now: TradingStateResponse, { print, printProblem }: Modules): number {
  if (state === 'Flattening' && now.state === state && !now.persisted) {
    printProblem(NOT_SELLING);
    return EXIT.failed;
  }
  const line = done(state, now);
  if (line === undefined) {
    printProblem(stillRestricted(now));
    return EXIT.restricted;
  }
  if (line !== '') print(line);
  return EXIT.done;
}

/** What follows from a request that applies as requested; undefined if another source restricts trading further. */
function done(state: TradingState, now: TradingStateResponse): string | undefined {
  if (!isMoreRestrictive(now.state, state)) return state === 'Flattening' ? SELLING : '';
  if (isLiftedByRisk(state, now)) return LIFTED_BY_RISK;
  return state === 'Flattening' ? soldAlready(now) : undefined;
}
