import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { findCluster } from './choose-cluster.ts';
import { ClusterError, exitCode } from './cluster-error.ts';
import type { Cluster } from './cluster.ts';
import { clusterPaths } from './cluster-paths.ts';
import { environmentWith, readConfig } from './config.ts';
import { skaffold } from './embedded/components.ts';
import { embeddedSettings } from './embedded/embedded-settings.ts';
import { embeddedStatus } from './embedded/up.ts';
import { consoleProgress, ensureCluster, withCluster } from './ensure-cluster.ts';
import { buildProgram } from './find-programs.ts';
import { exitOnInterrupt, isInterrupted } from './process/interrupt.ts';
import { kindLogs, kindStatus } from './kind/kind-cluster.ts';
import { namingOptions } from './stack/next-steps.ts';
import { parseCli } from './parse-arguments.ts';
import type { CliArguments, CliCommand } from './parse-arguments.ts';
import { succeeds } from './process/run-command.ts';
import { describeFailure } from './process/step.ts';
import { purgeCluster, stopCluster } from './stop-cluster.ts';

const usage = `npm run cluster -- <command> [options]

  up                       start the local cluster if it is not running
  down                     stop it; its data stays
  status                   show what runs, and the path of its kubeconfig
  purge [--keep-binaries]  stop it and remove everything it wrote; Debian packages and Go's own caches stay
  logs [name] [--follow]   log of one component, or the list of logs; local clusters only
  shell                    a shell with KUBECONFIG set, and kubectl and helm on the PATH
  skaffold <arguments>     skaffold on this cluster, as in: skaffold dev

  --context NAME           a context of your own kubeconfig
  --cluster kind|embedded  cluster to use; default: the one that exists, kind if docker answers, else embedded
  --registry HOST:PORT     with --context: a registry that this machine and the cluster both reach
  --json                   one JSON document on standard output

Ports of the embedded cluster: CLUSTER_API_PORT (6443), CLUSTER_ETCD_PORT (12379), CLUSTER_REGISTRY_PORT (5001).
Exit status: 0 success, 1 failure, 2 usage error, 3 missing prerequisite, 4 port or cluster in use.
`;

const config = readConfig();
const paths = clusterPaths(config.cacheDirectory);
const progress = consoleProgress(paths);
const embedded = embeddedSettings(paths, config);
const kind = { config, paths, progress };

const unfinishedUp = ({ context }: CliArguments): string =>
  `finished steps are kept; run the same command to continue${context === undefined ? ', `npm run cluster -- down` stops what runs' : ''}`;

const actions: Readonly<Record<CliCommand, (args: CliArguments) => Promise<number>>> = {
  up,
  down,
  purge,
  status,
  logs,
  shell,
  skaffold: runSkaffold,
};

try {
  process.exitCode = await run(parseCli(process.argv.slice(2)));
} catch (error) {
  if (!isInterrupted()) process.stderr.write(`${describeFailure(error)}\n`);
  process.exitCode = exitCode(error);
}

function run(args: CliArguments): Promise<number> | number {
  return args.help ? print(usage) : actions[args.command](args);
}

async function up(args: CliArguments): Promise<number> {
  exitOnInterrupt(unfinishedUp(args));
  const started = performance.now();
  const cluster = await ensureCluster({ ...args, progress });
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  if (args.json) return print(`${JSON.stringify({ cluster, seconds, steps: progress.steps }, undefined, 2)}\n`);
  return print(`
cluster     ${cluster.kind}, up after ${seconds} s
kubeconfig  export KUBECONFIG=${cluster.kubeconfig}
registry    ${cluster.registry ?? 'none'}
shell       npm run cluster -- shell${namingOptions(args)}
`);
}

async function down(args: CliArguments): Promise<number> {
  exitOnInterrupt('run the same command to continue');
  await stopCluster({ request: args, config, paths, progress });
  return args.json ? print(`${JSON.stringify({ steps: progress.steps })}\n`) : 0;
}

async function purge(args: CliArguments): Promise<number> {
  exitOnInterrupt('run the same command to continue');
  await purgeCluster({ request: args, config, paths, progress }, args.keepBinaries);
  return args.json ? print(`${JSON.stringify({ steps: progress.steps })}\n`) : 0;
}

async function status(args: CliArguments): Promise<number> {
  const { kind: chosen, because } = await findCluster(args, paths);
  if (chosen === 'context') return show(args, { kind: chosen, context: args.context }, `context ${args.context}\n`);
  if (chosen === 'kind') {
    const found = await kindStatus();
    const nodes = found.nodes.length === 0 ? 'not created' : `nodes: ${found.nodes.join(' ')}`;
    const text = `kind (${because}), ${found.docker ? nodes : 'docker does not answer'}\n`;
    return show(args, { kind: chosen, because, ...found }, text);
  }
  const found = await embeddedStatus(embedded);
  const lines = found.processes.map(({ name, running }) => `  ${name.padEnd(20)} ${running ? 'running' : 'stopped'}`);
  const missing = found.unbuilt.length === 0 ? '' : `not built yet: ${found.unbuilt.join(', ')}\n`;
  const title = `embedded (${because}), ${found.ready ? 'ready' : 'not ready'}`;
  const text = `${title}\n${lines.join('\n')}\n${missing}kubeconfig ${found.kubeconfig}\nregistry   ${found.registry}\n`;
  return show(args, { kind: chosen, because, ...found }, text);
}

function show(args: CliArguments, document: object, text: string): number {
  return print(args.json ? `${JSON.stringify(document, undefined, 2)}\n` : text);
}

async function logs(args: CliArguments): Promise<number> {
  if ((await findCluster(args, paths)).kind === 'kind') {
    await kindLogs(kind, join(paths.logs, 'kind'));
    return print(`${join(paths.logs, 'kind')}\n`);
  }
  const { logs: files } = await embeddedStatus(embedded);
  const [name] = args.rest;
  if (name === undefined) return print(`${files.join('\n')}\n`);
  const file = join(paths.state, 'log', `${name}.log`);
  if (!existsSync(file)) throw new ClusterError('usage', `${name} has no log; there are:\n${files.join('\n')}`);
  if (args.follow) return inherit('tail', ['-n', '100', '-f', file]);
  return print(readFileSync(file, 'utf8'));
}

async function shell(args: CliArguments): Promise<number> {
  exitOnInterrupt(unfinishedUp(args));
  return inherit(config.shell, [], await ensureCluster({ ...args, progress }));
}

async function runSkaffold(args: CliArguments): Promise<number> {
  exitOnInterrupt(unfinishedUp(args));
  const found = await withCluster({ ...args, progress }, async (cluster) => {
    const isInstalled = await succeeds('skaffold', ['version']);
    const program = isInstalled ? 'skaffold' : await buildProgram('skaffold', skaffold, { paths, progress });
    return { cluster, program };
  });
  return inherit(found.program, args.rest, found.cluster);
}

/** Runs a program in the place of this one: it has the terminal, and its exit status becomes ours. */
function inherit(program: string, args: readonly string[], cluster?: Cluster): Promise<number> {
  const tools =
    cluster === undefined ? [] : [cluster.kubectl, cluster.helm].map(dirname).filter((folder) => folder !== '.');
  const environment: Record<string, string> = { PATH: [...new Set(tools), config.path].join(delimiter) };
  if (cluster !== undefined) Object.assign(environment, clusterEnvironment(cluster));
  const child = spawn(program, args, { stdio: 'inherit', env: environmentWith(environment) });
  // Ctrl-C is the other program's from here on.
  process.removeAllListeners('SIGINT').on('SIGINT', () => undefined);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}

/** What kubectl, helm, skaffold and the profiles of skaffold.yaml read. */
function clusterEnvironment({ kind, kubeconfig, context, registry, images }: Cluster): Record<string, string> {
  const environment: Record<string, string> = {
    KUBECONFIG: kubeconfig,
    SKAFFOLD_KUBE_CONTEXT: context,
    REDIS_IMAGE: images.redis ?? '',
    POSTGRES_IMAGE: images.postgres ?? '',
  };
  if (registry !== undefined) environment['SKAFFOLD_DEFAULT_REPO'] = registry;
  if (kind === 'embedded') environment['SKAFFOLD_PROFILE'] = 'embedded';
  return environment;
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}
