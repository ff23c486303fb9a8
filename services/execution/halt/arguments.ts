import { parseArgs } from 'node:util';
import { TRADING_STATES, type TradingState } from '../../shared/domain/trading-state.ts';
import { messageOf } from '../../shared/runtime/errors.ts';

/** What a person asks for. */
export interface HaltArguments {
  readonly state: TradingState;
  readonly reason: string;
  /** Undefined: whoever the environment names. */
  readonly author: string | undefined;
  /** How long to wait for the venue to confirm a halt. */
  readonly timeoutMs: number;
}

export type Parsed =
  | { readonly kind: 'Run'; readonly given: HaltArguments }
  | { readonly kind: 'Help' }
  | { readonly kind: 'Invalid'; readonly problem: string };

export const USAGE = `Usage: node /app/halt.mjs [options]

Stops trading without the operator: asks the process of execution in this pod for a trading state. Works without the
API server and without Postgres. The request has the source "command", and only this program or a row in the database
lifts it.

  --state <state>   Halted: send nothing but cancellations, and cancel every resting order (default).
                    Flattening: sell every position, then halt; this needs risk and Postgres, and does not wait.
                    Reducing: send only sells. Active: withdraw the request.
  --resume          The same as --state Active.
  --reason <text>   Why, for the others who see it.
  --author <name>   Who asks. Default: the user, or the name of the pod.
  --timeout <s>     Seconds to wait until the venue confirms a halt, 1 to 3600. Default: 60. It takes at least three.
  --help            Print this text.

The output says whether Postgres has the request. While it does not, the request is lost with the pod.

Exit codes: 0 a halt confirmed by the venue, or another state applied; 1 refused, unreachable, not confirmed in time, or
a sale that waits for Postgres; 2 wrong usage; 3 applied, but another source restricts trading further.`;

const OPTIONS = {
  state: { type: 'string' },
  resume: { type: 'boolean' },
  reason: { type: 'string' },
  author: { type: 'string' },
  timeout: { type: 'string' },
  help: { type: 'boolean' },
} as const;

/** Longest texts that the contract of the command allows. */
const AUTHOR_MAX = 200;
const REASON_MAX = 300;

/** Parses the command line. Pure. */
export function parseArguments(args: readonly string[]): Parsed {
  try {
    const { values } = parseArgs({ args: [...args], options: OPTIONS });
    return values.help === true ? { kind: 'Help' } : { kind: 'Run', given: given(values) };
  } catch (error) {
    return { kind: 'Invalid', problem: messageOf(error) };
  }
}

type Values = Partial<Record<'state' | 'reason' | 'author' | 'timeout', string>> & { readonly resume?: boolean };

function given({ state, resume = false, reason = 'no reason given', author, timeout = '60' }: Values): HaltArguments {
  if (state !== undefined && resume) throw new RangeError('give either --state or --resume');
  return {
    state: resume ? 'Active' : stateOf(state ?? 'Halted'),
    reason: bounded('reason', reason, REASON_MAX),
    author: author === undefined ? undefined : bounded('author', author, AUTHOR_MAX),
    timeoutMs: secondsOf(timeout) * 1_000,
  };
}

function bounded(option: string, text: string, max: number): string {
  if (text === '' || text.length > max) throw new RangeError(`--${option} must have 1 to ${max} characters`);
  return text;
}

/** A person in a hurry writes `halted`. */
function stateOf(text: string): TradingState {
  const state = TRADING_STATES.find((name) => name.toLowerCase() === text.toLowerCase());
  if (state === undefined) throw new RangeError(`--state is ${text}; it must be one of ${TRADING_STATES.join(', ')}`);
  return state;
}

function secondsOf(text: string): number {
  const seconds = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (seconds < 1 || seconds > 3_600) throw new RangeError(`--timeout is ${text}; it must be 1 to 3600 seconds`);
  return seconds;
}
