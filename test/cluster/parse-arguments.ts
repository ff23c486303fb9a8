import { parseArgs } from 'node:util';
import type { ParseArgsOptionsConfig } from 'node:util';
import { ClusterError } from './cluster-error.ts';
import type { ClusterRequest } from './choose-cluster.ts';

/** The options that every command line about the cluster takes. */
export const clusterOptions = {
  context: { type: 'string' },
  cluster: { type: 'string' },
  registry: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const satisfies ParseArgsOptionsConfig;

const cliOptions = {
  ...clusterOptions,
  'keep-binaries': { type: 'boolean', default: false },
  follow: { type: 'boolean', short: 'f', default: false },
} as const satisfies ParseArgsOptionsConfig;

const commands = ['up', 'down', 'status', 'purge', 'logs', 'shell', 'skaffold'] as const;
export type CliCommand = (typeof commands)[number];

export interface CliArguments extends ClusterRequest {
  readonly command: CliCommand;
  /** Words after the command. */
  readonly rest: readonly string[];
  readonly registry: string | undefined;
  readonly json: boolean;
  readonly help: boolean;
  readonly keepBinaries: boolean;
  readonly follow: boolean;
}

/** Reads `cluster <command> [options]`; a `ClusterError` of code `usage` names what is wrong. */
export function parseCli(args: readonly string[]): CliArguments {
  // Everything after `skaffold` or `--` is for another program.
  const handOver = args.findIndex((word) => word === '--' || word === 'skaffold');
  const own = handOver < 0 ? args : args.slice(0, args[handOver] === 'skaffold' ? handOver + 1 : handOver);
  const handed = handOver < 0 ? [] : args.slice(handOver + 1).filter((word, index) => index > 0 || word !== '--');
  const { values, positionals } = strictly(() =>
    parseArgs({ args: [...own], options: cliOptions, allowPositionals: true }),
  );
  const [name, ...rest] = positionals;
  const command = commands.find((candidate) => candidate === name);
  if (command === undefined && !values.help) {
    const said = name === undefined ? 'no command given' : `${name} is not a command`;
    throw new ClusterError('usage', `${said}; commands: ${commands.join(', ')}`);
  }
  if (command === 'logs' && values.context !== undefined) {
    throw new ClusterError('usage', 'logs are available for local clusters only; use kubectl logs for your own');
  }
  return {
    command: command ?? 'status',
    rest: [...rest, ...handed],
    context: values.context,
    cluster: values.cluster,
    registry: values.registry,
    json: values.json,
    help: values.help,
    keepBinaries: values['keep-binaries'],
    follow: values.follow,
  };
}

/** Turns the parser's own errors into usage errors. */
export function strictly<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new ClusterError('usage', error instanceof Error ? error.message : String(error), { cause: error });
  }
}
