import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { workPrefix } from '../cluster-paths.ts';
import { runCommand } from '../process/run-command.ts';
import type { Progress } from '../process/step.ts';
import { embeddedDown } from './down.ts';
import type { EmbeddedSettings } from './embedded-settings.ts';

/**
 * Stops the cluster and removes all that it ever wrote, but not the Debian packages that it needed nor Go's own caches,
 * which others use too; `keepBinaries` spares what took minutes to build.
 */
export async function embeddedPurge(
  settings: EmbeddedSettings,
  progress: Progress,
  keepBinaries: boolean,
): Promise<void> {
  await embeddedDown(settings, progress);
  const { paths } = settings;
  const storage = join(paths.images, 'buildah');
  if (existsSync(storage)) {
    await progress.step('remove image layers', ({ logFile }) =>
      runCommand('buildah', ['--root', storage, '--runroot', `${storage}-run`, 'rmi', '--all', '--force'], { logFile }),
    );
  }
  const kept = keepBinaries ? [] : [paths.toolchain, paths.bin];
  for (const folder of [paths.state, paths.images, ...kept, paths.logs]) removeFolder(folder);
  const left = "Debian packages and Go's own caches";
  progress.say(`  removed everything except ${keepBinaries ? 'the built programs, ' : ''}${left}`);
}

/** Moved aside first: what an interrupt leaves of it is never taken for the folder, and goes with the next command. */
function removeFolder(folder: string): void {
  if (!existsSync(folder)) return;
  const doomed = workPrefix(folder);
  renameSync(folder, doomed);
  rmSync(doomed, { recursive: true, force: true });
}
