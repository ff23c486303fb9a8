import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { arch } from 'node:process';
import { basename, dirname, join } from 'node:path';
import { ClusterError } from '../../cluster-error.ts';
import { makeDirectories, removeAbandonedWork, workPrefix } from '../../cluster-paths.ts';
import { digestAt } from '../../registry.ts';
import { runCommand } from '../../process/run-command.ts';
import type { Progress } from '../../process/step.ts';
import type { EmbeddedSettings } from '../embedded-settings.ts';
import { imageReference } from './image-recipes.ts';
import type { ImageRecipe } from './image-recipes.ts';

/** Makes and pushes the image unless the registry has it; returns `registry/name@sha256:...`. */
export async function ensureImage(
  settings: EmbeddedSettings,
  recipe: ImageRecipe,
  progress: Progress,
): Promise<string> {
  const reference = imageReference(settings.registry, recipe);
  const name = reference.slice(0, reference.lastIndexOf(':'));
  const present = await digestAt(reference);
  if (present !== undefined) return `${name}@${present}`;
  await progress.step(`image ${recipe.name}`, ({ logFile }) => make(settings, recipe, { reference, logFile }));
  const digest = await digestAt(reference);
  if (digest === undefined) throw new ClusterError('failed', `${reference} is not in the registry after its push`);
  return `${name}@${digest}`;
}

interface Target {
  readonly reference: string;
  readonly logFile: string;
}

async function make(settings: EmbeddedSettings, recipe: ImageRecipe, target: Target): Promise<void> {
  makeDirectories([settings.paths.images]);
  removeAbandonedWork(settings.paths.images);
  const work = await mkdtemp(workPrefix(join(settings.paths.images, recipe.name)));
  try {
    const layer = join(work, 'layer.tar');
    await makeLayer(settings, recipe, { work, layer, logFile: target.logFile });
    const crane = (args: readonly string[]) =>
      runCommand(join(settings.bin, 'crane'), args, { logFile: target.logFile });
    // Images without platform metadata are refused by the node.
    const platform = `linux/${arch === 'x64' ? 'amd64' : arch}`;
    const unfinished = `${target.reference}-layers`;
    await crane(['append', '--insecure', '--platform', platform, '-f', layer, '-t', unfinished]);
    await crane([
      'mutate',
      unfinished,
      '--insecure',
      '--set-platform',
      platform,
      ...configuration(recipe),
      '-t',
      target.reference,
    ]);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function configuration(recipe: ImageRecipe): string[] {
  const flags: string[] = [];
  if (recipe.entrypoint !== undefined) flags.push('--entrypoint', recipe.entrypoint.join());
  if (recipe.command !== undefined) flags.push('--cmd', recipe.command.join());
  if (recipe.user !== undefined) flags.push('--user', recipe.user);
  flags.push('--env', `PATH=${recipe.path ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'}`);
  return flags;
}

async function makeLayer(
  settings: EmbeddedSettings,
  { content }: ImageRecipe,
  at: { readonly work: string; readonly layer: string; readonly logFile: string },
): Promise<void> {
  const { logFile } = at;
  if (content.kind === 'debian') {
    const hooks = content.extractHooks.map((hook) => `--extract-hook=${hook}`);
    const what = ['--variant=extract', '--skip=output/dev', `--include=${content.packages.join()}`, ...hooks];
    await runCommand('mmdebstrap', [...what, 'bookworm', at.layer], { logFile });
    return;
  }
  let program = join(at.work, content.binary);
  if (content.kind === 'source') {
    await writeFile(`${program}.c`, content.code);
    await runCommand('cc', ['-static', '-Os', '-s', '-o', program, `${program}.c`], { logFile });
  } else {
    program = await realpath(join(settings.bin, content.binary));
  }
  const files = ['--owner=0', '--group=0', '-C', dirname(program), '-cf', at.layer, basename(program)];
  await runCommand('tar', files, { logFile });
}
