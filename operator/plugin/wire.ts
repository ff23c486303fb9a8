import { systemClock } from '../../services/shared/runtime/clock.ts';
import { createLogger } from '../../services/shared/runtime/logger.ts';
import { openCluster, readAccess, type Cluster } from './cluster/cluster.ts';
import { runProgram } from './cluster/run-program.ts';
import { valueOf } from './call/command.ts';
import type { ExitCode } from './call/exit-code.ts';
import { COMMANDS } from './command-table.ts';
import { readConfig } from './config.ts';
import { openTerminal, type Streams } from './open-terminal.ts';
import { runPlugin } from './run-plugin.ts';

/** Constructs the parts of one call, runs it, and closes what it opened. */
export async function runCommandLine(args: readonly string[], streams: Streams): Promise<ExitCode> {
  const opened: Cluster[] = [];
  const log = createLogger({ name: 'kubectl-tradingstack', level: 'silent' });
  const open = (flags: ReadonlyMap<string, string | true>): Cluster => {
    const flag = (name: string): string | undefined => valueOf({ flags }, name);
    const access = readAccess({
      kubeconfig: flag('kubeconfig'),
      context: flag('context'),
      namespace: flag('namespace'),
    });
    const cluster = openCluster(access, { clock: systemClock, log });
    opened.push(cluster);
    return cluster;
  };
  const terminal = openTerminal(streams, readConfig());
  try {
    return await runPlugin(args, COMMANDS, { terminal, clock: systemClock, open, runProgram });
  } finally {
    await Promise.all(opened.map(async (cluster) => await cluster.close()));
  }
}
