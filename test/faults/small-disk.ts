import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system of a fixed size, which a test fills. */
export interface SmallDisk {
  readonly path: string;
  /** Takes all the space that is left. */
  fill(): void;
  /** Gives it back. */
  free(): void;
  unmount(): void;
}

/** Large ones first: the last page is taken by a small one. */
const BLOCKS = [1 << 20, 1 << 12];

/** Mounts the disk, in memory. Throws where mounting is not permitted: a disk that cannot be full proves nothing. */
export function mountSmallDisk(megabytes: number): SmallDisk {
  const path = mkdtempSync(join(tmpdir(), 'tradingstack-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path], { stdio: 'pipe' });
  } catch (error) {
    rmSync(path, { recursive: true });
    throw new Error(
      `a disk that can be full cannot be mounted at ${path}: run the tests as root on Linux, with CAP_SYS_ADMIN`,
      { cause: error },
    );
  }
  const filler = join(path, 'filler');
  const unmount = (): void => {
    process.off('exit', unmount);
    // Lazily, because a server that a failed test left behind may have files open.
    execFileSync('umount', ['--lazy', path], { stdio: 'pipe' });
    rmSync(path, { recursive: true });
  };
  process.once('exit', unmount);
  return {
    path,
    fill: () => {
      const file = openSync(filler, 'a');
      try {
        for (const size of BLOCKS) while (takes(file, size));
      } finally {
        closeSync(file);
      }
    },
    free: () => rmSync(filler, { force: true }),
    unmount,
  };
}

/** Whether the whole block was written. */
function takes(file: number, size: number): boolean {
  try {
    return writeSync(file, Buffer.alloc(size)) === size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false;
    throw error;
  }
}
