import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, chownSync, constants, existsSync, readFileSync } from 'node:fs';
import { createServer, connect } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A server program that runs as a child of the tests and never outlives them. */
export interface NativeServer {
  /** Sends SIGKILL to it and its children, as a power loss would end them, and waits until all have ended. */
  kill(): Promise<void>;
  /** Stops it gracefully: SIGTERM or the given signal, then SIGKILL after five seconds. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** SIGSTOP and SIGCONT, to the process and its children: a Postgres that is stopped alone still runs statements. */
  freeze(): void;
  thaw(): void;
}

export interface NativeServerOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly user: UnixUser | undefined;
  readonly port: number;
}

export interface UnixUser {
  readonly uid: number;
  readonly gid: number;
}

/** Starts the program and resolves when its port accepts connections. Throws with its output when it ends before. */
export async function startNativeServer(options: NativeServerOptions): Promise<NativeServer> {
  const { command, args } = diesWithParent(options.command, options.args);
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options.user, cwd: '/' });
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-4_000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const onExit = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', onExit);
  child.once('exit', () => process.off('exit', onExit));
  await listening(child, options.port, () => output);
  return {
    kill: async () => await killAll(child),
    stop: async (signal = 'SIGTERM') => await end(child, signal),
    // The parent first, so that it starts no further child meanwhile.
    freeze: () => signalAll([child.pid, ...childrenOf(child.pid)], 'SIGSTOP'),
    thaw: () => signalAll([...childrenOf(child.pid), child.pid], 'SIGCONT'),
  };
}

/** Returns a loopback port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free loopback port');
  return address.port;
}

/** Returns the path of a program in one of `directories`, or else in PATH. */
export function findProgram(name: string, directories: readonly string[] = []): string | undefined {
  const all = [...directories, ...(process.env['PATH'] ?? '').split(delimiter)].filter((directory) => directory !== '');
  return all.map((directory) => join(directory, name)).find(isExecutable);
}

/**
 * Returns the user for a server that refuses to run as root: the first of `names` that exists. Undefined when we are
 * not root.
 */
export function unprivilegedUser(names: readonly string[]): UnixUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const rows = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const row = names.flatMap((name) => rows.filter(([user]) => user === name))[0];
  if (row === undefined) throw new Error(`none of the users ${names.join(', ')} exists, and the server refuses root`);
  return { uid: Number(row[2]), gid: Number(row[3]) };
}

export function giveTo(user: UnixUser | undefined, path: string): void {
  if (user !== undefined) chownSync(path, user.uid, user.gid);
}

/**
 * Installs a missing program when we are root on Debian. Otherwise throws an error that names the package to install.
 */
export async function installPackage(name: string, why: string): Promise<void> {
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) {
    throw new Error(`${why}: install the package "${name}" (Debian) or put the program in PATH`);
  }
  process.stderr.write(`installing the Debian package ${name}: ${why}\n`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const install = `apt-get install -y -qq --no-install-recommends ${name}`;
  const child = spawn('sh', ['-c', `${install} || { apt-get update -qq && ${install}; }`], { stdio: 'pipe', env });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`installing ${name} failed:\n${output.slice(-2_000)}`);
}

function signalAll(pids: readonly (number | undefined)[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      if (pid !== undefined) process.kill(pid, signal);
    } catch {
      // The child has ended meanwhile.
    }
  }
}

/** Returns the process IDs of the children, on Linux; none elsewhere. */
function childrenOf(pid: number | undefined): readonly number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return text
      .split(' ')
      .filter((word) => word !== '')
      .map(Number);
  } catch {
    return [];
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Returns the command that makes a program die with a test run that is killed, where setpriv is available. */
export function diesWithParent(
  command: string,
  args: readonly string[],
): { readonly command: string; readonly args: readonly string[] } {
  const setpriv = findProgram('setpriv');
  if (setpriv === undefined) return { command, args };
  return { command: setpriv, args: ['--pdeathsig', 'KILL', '--', command, ...args] };
}

async function listening(child: ChildProcess, port: number, output: () => string): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the server ended:\n${output()}`);
    if (await accepts(port)) return;
    await delay(20);
  }
  child.kill('SIGKILL');
  throw new Error(`the server did not listen on port ${port}:\n${output()}`);
}

async function accepts(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** A child that outlives its parent for a moment would still answer. */
async function killAll(child: ChildProcess): Promise<void> {
  const children = childrenOf(child.pid);
  const ended = end(child, 'SIGKILL');
  signalAll(children, 'SIGKILL');
  await ended;
  const deadline = Date.now() + 5_000;
  while (children.some(isAlive) && Date.now() < deadline) await delay(5);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  const deadline = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await ended;
  clearTimeout(deadline);
}
