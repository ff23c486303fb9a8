import { setImmediate } from 'node:timers/promises';
import type { KubeConfig } from '@kubernetes/client-node';
import { openCluster, type Cluster } from '../../../operator/plugin/cluster/cluster.ts';
import type { RunProgram } from '../../../operator/plugin/cluster/run-program.ts';
import { valueOf } from '../../../operator/plugin/call/command.ts';
import { COMMANDS } from '../../../operator/plugin/command-table.ts';
import { openTerminal } from '../../../operator/plugin/open-terminal.ts';
import { runPlugin } from '../../../operator/plugin/run-plugin.ts';
import { systemClock, type Clock } from '../../../services/shared/runtime/clock.ts';
import { silentLog } from '../kube/kube-client.ts';

export interface Ran {
  readonly exitCode: number;
  readonly output: string;
  readonly problems: string;
}

export interface RunOptions {
  readonly kubeConfig: KubeConfig;
  readonly namespace?: string;
  readonly clock?: Clock;
  readonly runProgram?: RunProgram;
  /** A terminal of that many columns. Default: none, as in a pipe. */
  readonly columns?: number;
  /** Called with each text that the command writes to standard output. */
  readonly write?: (text: string) => void;
}

/** Runs one command line of the plugin against an API server. */
export async function runCommand(
  args: readonly string[],
  { kubeConfig, namespace = 'trading', clock = systemClock, runProgram = noProgram, columns, write }: RunOptions,
): Promise<Ran> {
  const opened: Cluster[] = [];
  let [output, problems] = ['', ''];
  const open = (flags: ReadonlyMap<string, string | true>): Cluster => {
    const access = { kubeConfig, namespace: valueOf({ flags }, 'namespace') ?? namespace, kubectlFlags: [] };
    const cluster = openCluster(access, { clock: systemClock, log: silentLog });
    opened.push(cluster);
    return cluster;
  };
  const out = {
    write: (text: string) => {
      write?.(text);
      output += text;
      return true;
    },
    ...(columns === undefined ? {} : { isTTY: true, columns }),
  };
  const terminal = openTerminal(
    { out, problems: { write: (text: string) => ((problems += text), true) } },
    { colours: true },
  );
  try {
    const exitCode = await runPlugin(args, COMMANDS, { terminal, clock, open, runProgram });
    return { exitCode, output, problems };
  } finally {
    await Promise.all(opened.map(async (cluster) => await cluster.close()));
  }
}

const noProgram: RunProgram = async () =>
  await Promise.resolve({ exitCode: undefined, output: '', problems: 'spawn kubectl ENOENT' });

/** A clock on which waiting takes no time: its wall time stands still, and its monotonic time is what was slept. */
export function impatientClock(nowMs: number): Clock {
  let elapsedMs = 0;
  return {
    nowMs: () => nowMs,
    monotonicMs: () => elapsedMs,
    sleep: async (ms) => {
      elapsedMs += ms;
      await setImmediate();
    },
  };
}
