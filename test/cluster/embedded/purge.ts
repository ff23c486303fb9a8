import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../run-command.ts';
import type { Progress } from '../step.ts';
import { embeddedDown } from './down.ts';
import type { EmbeddedSettings } from './embedded-settings.ts';

/** Stops the cluster and removes all that it ever wrote; `keepBinaries` spares what took minutes to build. */
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
  for (const folder of [paths.state, paths.images, ...kept, paths.logs])
    rmSync(folder, { recursive: true, force: true });
  progress.say(keepBinaries ? '  removed everything but the built programs' : '  removed everything');
}
