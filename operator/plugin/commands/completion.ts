import { EXIT } from '../call/exit-code.ts';
import type { Command } from '../call/command.ts';
import { PluginError } from '../call/plugin-error.ts';
import { SHELL_SCRIPTS } from '../completion/shell-script.ts';
import { SHELLS } from '../completion/suggest.ts';

export const completion: Command = {
  name: 'completion',
  summary: 'Print the script that completes commands, flags and names in bash, zsh or fish.',
  description:
    'Prints a script that completes kubectl-tradingstack. With kubectl 1.26 or newer, and kubectl_complete-tradingstack\n' +
    'beside this program on the PATH, the completion of kubectl itself completes "kubectl tradingstack".',
  argument: { kind: 'shell', name: 'SHELL', required: true },
  flags: [],
  examples: ['completion bash >> ~/.bashrc', 'completion zsh > "${fpath[1]}/_kubectl-tradingstack"'],
  run: async ({ argument }, { terminal }) => {
    const shell = SHELLS.find((each) => each === argument);
    if (shell === undefined)
      throw new PluginError('Usage', `SHELL is "${argument ?? ''}"; it must be ${SHELLS.join(', ')}`);
    terminal.out(SHELL_SCRIPTS[shell]);
    return await Promise.resolve(EXIT.ok);
  },
};
