import type { Cluster } from './cluster/cluster.ts';
import type { RunProgram } from './cluster/run-program.ts';
import type { Clock } from '../../services/shared/runtime/clock.ts';
import type { Style } from './text/style.ts';

/** Where a command writes. */
export interface Terminal {
  /** Writes lines to standard output. */
  readonly out: (text: string) => void;
  /** Writes lines to standard error: progress, notes and problems. */
  readonly note: (text: string) => void;
  /** Clears the screen before a new picture. Does nothing unless standard output is a terminal. */
  readonly clear: () => void;
  readonly isTerminal: boolean;
  readonly columns: number;
  readonly style: Style;
}

/** What a command has: a cluster on demand, a terminal, time and programs of the machine. */
export interface Session {
  readonly terminal: Terminal;
  readonly clock: Clock;
  /** Opens the cluster that the flags of the call name, once. Throws PluginError. */
  readonly open: (flags: ReadonlyMap<string, string | true>) => Cluster;
  readonly runProgram: RunProgram;
}
