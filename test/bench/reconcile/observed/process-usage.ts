import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Memory and processor time of a process, as the kernel counts them. */
export interface Usage {
  readonly atMs: number;
  readonly rssMiB: number;
  /** Since its start. */
  readonly cpuSeconds: number;
}

/** What a process uses, while it is followed. */
export interface FollowedProcess {
  readonly usages: readonly Usage[];
  /** Connections to the port that the process has had, however long they lasted. */
  connections(): number;
  stop(): void;
}

export interface FollowOptions {
  readonly pid: number;
  /** Port of the API server, on loopback. */
  readonly port: number;
  readonly usageEveryMs: number;
}

/** A connection that lives between two looks is not seen. Both clients keep one open for seconds after a request. */
const CONNECTIONS_EVERY_MS = 500;
/** USER_HZ, which Linux fixes for programs: proc(5). */
const TICKS_PER_SECOND = 100;
const KIB_PER_MIB = 1_024;

/** Follows a process on Linux until it is stopped, or has ended. */
export function followProcess({ pid, port, usageEveryMs }: FollowOptions): FollowedProcess {
  const usages: Usage[] = [];
  const seen = new Set<string>();
  const whileAlive = (look: () => void) => (): void => {
    try {
      look();
    } catch (error) {
      // The process has ended, or closed the file that was just listed.
      if (!['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  };
  const measure = whileAlive(() => void usages.push(usageOf(pid, Date.now())));
  const look = whileAlive(() => {
    for (const inode of ownSockets(pid, socketsTo(port, readFileSync(`/proc/${pid}/net/tcp`, 'utf8')))) seen.add(inode);
  });
  measure();
  const timers = [setInterval(measure, usageEveryMs), setInterval(look, CONNECTIONS_EVERY_MS)];
  return {
    usages,
    connections: () => seen.size,
    stop: () => {
      for (const timer of timers) clearInterval(timer);
    },
  };
}

export function usageOf(pid: number, atMs: number): Usage {
  const [, kib = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return {
    atMs,
    rssMiB: Number(kib) / KIB_PER_MIB,
    cpuSeconds: cpuSecondsOf(readFileSync(`/proc/${pid}/stat`, 'utf8')),
  };
}

/** Fields 14 and 15 of proc_pid_stat(5). The name of the program, which may contain spaces, is the second. */
export function cpuSecondsOf(stat: string): number {
  const [, , , , , , , , , , , user = '0', system = '0'] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(user) + Number(system)) / TICKS_PER_SECOND;
}

const ESTABLISHED = '01';

/** Returns the inodes of the sockets that are connected to a port, from the text of /proc/net/tcp: proc_pid_net(5). */
export function socketsTo(port: number, table: string): ReadonlySet<string> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return new Set(
    table.split('\n').flatMap((line) => {
      const [, , remote = '', state, , , , , , inode = ''] = line.trim().split(/\s+/);
      return remote.endsWith(suffix) && state === ESTABLISHED && inode !== '0' ? [inode] : [];
    }),
  );
}

function ownSockets(pid: number, inodes: ReadonlySet<string>): readonly string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).flatMap((name) => {
    const inode = /^socket:\[(\d+)\]$/.exec(targetOf(`${folder}/${name}`))?.[1];
    return inode !== undefined && inodes.has(inode) ? [inode] : [];
  });
}

/** Empty for a file that was closed meanwhile. */
function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return '';
  }
}
