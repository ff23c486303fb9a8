import type { Session } from '../session.ts';
import type { ExitCode } from './exit-code.ts';
import type { Flag } from './flags.ts';

/** What an argument names: what completion offers for it. */
export type ArgumentKind = 'stack' | 'service' | 'shell';

export interface Argument {
  readonly kind: ArgumentKind;
  /** Placeholder in the help, such as `STACK`. */
  readonly name: string;
  readonly required?: true;
}

/** One command of the plugin: a row of COMMANDS in command-table.ts. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What it does, reads and promises; lines of at most 100 columns. */
  readonly description: string;
  readonly argument?: Argument;
  readonly flags: readonly Flag[];
  /** Without the program's name. */
  readonly examples: readonly string[];
  /** Rejects with PluginError. */
  readonly run: (call: Call, session: Session) => Promise<ExitCode>;
}

/** Parsed arguments of a command. Flags without a value are `true`. */
export interface Call {
  readonly argument: string | undefined;
  readonly flags: ReadonlyMap<string, string | true>;
}

/** Returns the value of a flag that takes one. */
export function valueOf({ flags }: Pick<Call, 'flags'>, name: string): string | undefined {
  const value = flags.get(name);
  return typeof value === 'string' ? value : undefined;
}

/** Whether a switch is given. */
export function isGiven({ flags }: Pick<Call, 'flags'>, name: string): boolean {
  return flags.has(name);
}
