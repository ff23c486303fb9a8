import { commandHelp, PROGRAM, programHelp } from './call/help-text.ts';
import { EXIT, type ExitCode } from './call/exit-code.ts';
import type { Command } from './call/command.ts';
import { parseCall } from './call/parse-call.ts';
import { PluginError } from './call/plugin-error.ts';
import { COMPLETE, complete } from './completion/complete.ts';
import type { Session } from './session.ts';

/** Runs one command line to its exit code. Never rejects for what a person can cause. */
export async function runPlugin(
  args: readonly string[],
  commands: readonly Command[],
  session: Session,
): Promise<ExitCode> {
  const { terminal } = session;
  const [first, ...words] = args;
  if (first === COMPLETE) {
    await complete(words, commands, session);
    return EXIT.ok;
  }
  const parsed = parseCall(args, commands);
  if (parsed.kind === 'Help') {
    terminal.out(parsed.command === undefined ? programHelp(commands) : commandHelp(parsed.command));
    return EXIT.ok;
  }
  if (parsed.kind === 'Invalid') {
    const topic = parsed.command === undefined ? PROGRAM : `${PROGRAM} ${parsed.command.name}`;
    terminal.note(`error: ${parsed.problem}\nSee ${topic} --help.`);
    return EXIT.usage;
  }
  try {
    return await parsed.command.run(parsed.call, session);
  } catch (error) {
    if (!(error instanceof PluginError)) throw error;
    terminal.note(`error: ${error.message}`);
    return error.exitCode;
  }
}
