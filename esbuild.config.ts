import { chmodSync, cpSync, globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { decode, encode, type SourceMapSegment } from '@jridgewell/sourcemap-codec';
import { build, type BuildOptions } from 'esbuild';

export interface EntryPoint {
  readonly name: string;
  readonly file: string;
}

const root = import.meta.dirname;

// A bundle exceeds this when it imports all of `ccxt` instead of the one class that it uses.
const bundleBytesMax = 12 * 1024 * 1024;

// CommonJS packages in an ES module still call these.
const banner = [
  "import { createRequire as __createRequire } from 'node:module';",
  'const require = __createRequire(import.meta.url);',
  'const __filename = import.meta.filename;',
  'const __dirname = import.meta.dirname;',
].join('\n');

// Before anything else is evaluated: what fails in an older Node.js says nothing to a person.
const refusal = [
  'const [major, minor] = process.versions.node.split(".").map(Number);',
  'if (major < 22 || (major === 22 && minor < 19)) {',
  '  process.stderr.write(`error: kubectl-tradingstack needs Node.js 22.19 or newer; ${process.execPath} is ${process.version}\\n`);',
  '  process.exit(5);',
  '}',
].join('\n');

const OPTIONS = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  keepNames: true,
  legalComments: 'none',
  banner: { js: banner },
  logLevel: 'warning',
  // Optional native parts: the packages work without them.
  external: ['bufferutil', 'utf-8-validate', 'pg-native'],
} satisfies BuildOptions;

/**
 * Writes what the image holds below /app into `output`: one `<service>.mjs` for each `services/<service>/main.ts`,
 * `operator.mjs`, `healthcheck.mjs`, `halt.mjs`, the scripts for Redis beside them, the recorded tapes and the
 * migrations, and the programs for a person below `bin`. The same sources give the same bytes.
 */
export async function bundle(output: string, entries: readonly EntryPoint[] = entryPoints()): Promise<void> {
  rmSync(output, { recursive: true, force: true });
  mkdirSync(output, { recursive: true });
  await build({
    ...OPTIONS,
    entryPoints: entries.map(({ name, file }) => ({ in: file, out: name })),
    outdir: output,
    outExtension: { '.js': '.mjs' },
    sourcemap: 'linked',
    // A stack trace needs positions in our sources, not their text, which would double the size.
    sourcesContent: false,
  });
  for (const { name } of entries) {
    requireSmall(join(output, `${name}.mjs`));
    finishMap(join(output, `${name}.mjs.map`));
  }
  await bundlePlugin(join(output, 'bin'));
  copyAll('services/exchange-simulator/tapes/*.csv.gz', join(output, 'tapes'));
  copyAll('services/shared/postgres/migrations/*.sql', join(output, 'migrations'));
  copyAll('services/*/store/**/*.lua', output);
}

/**
 * Writes `kubectl-tradingstack` into `output`: one file that needs nothing beside it, for a folder on the PATH. kubectl
 * finds both by their names: the program as its command `tradingstack`, and the script as what completes it.
 */
export async function bundlePlugin(output: string): Promise<void> {
  const program = join(output, 'kubectl-tradingstack');
  await build({
    ...OPTIONS,
    entryPoints: ['operator/plugin/main.ts'],
    outfile: program,
    target: 'node22',
    banner: { js: `${refusal}\n${banner}` },
  });
  requireSmall(program);
  const completion = join(output, 'kubectl_complete-tradingstack');
  writeFileSync(completion, '#!/bin/sh\nexec kubectl-tradingstack __complete "$@"\n');
  for (const file of [program, completion]) chmodSync(file, 0o755);
}

/**
 * The processes of the project: every folder with a `main.ts`, the image's own health check, and the program with which
 * a person halts a stack.
 */
export function entryPoints(folder = root): EntryPoint[] {
  const services = globSync('services/*/main.ts', { cwd: folder }).map((file) => ({
    name: dirname(file).split('/').at(-1) ?? file,
    file,
  }));
  return [
    ...services.sort((a, b) => a.name.localeCompare(b.name)),
    ...globSync('operator/main.ts', { cwd: folder }).map((file) => ({ name: 'operator', file })),
    { name: 'healthcheck', file: 'services/shared/runtime/healthcheck.ts' },
    { name: 'halt', file: 'services/execution/halt/main.ts' },
  ];
}

/**
 * Makes the paths of the sources relative to the root, so that the bytes do not depend on the checkout's folder, and
 * leaves of each package no more than which file a line is from. Node parses the whole map for the first logger of a
 * process, and keeps it in the heap: with every position of the packages it takes 15 MB in the exchange simulator, and
 * 52 MB in execution.
 */
function finishMap(path: string): void {
  const map = JSON.parse(readFileSync(path, 'utf8')) as { sources: string[]; mappings: string };
  map.sources = map.sources.map((source) => relative(root, resolve(dirname(path), source)));
  map.mappings = withoutPositions(map.mappings, (source) => map.sources[source]?.includes('node_modules/') ?? false);
  writeFileSync(path, JSON.stringify(map));
}

/**
 * Returns mappings (ECMA-426, "Mappings structure") without the positions that follow another one of the same source,
 * for the sources that `isCoarse` selects. A stack trace takes for each place the last position before it.
 */
export function withoutPositions(mappings: string, isCoarse: (source: number) => boolean): string {
  let before: number | undefined;
  const isKept = ([, source]: SourceMapSegment): boolean => {
    const repeats = source !== undefined && source === before && isCoarse(source);
    before = source;
    return !repeats;
  };
  return encode(decode(mappings).map((line) => line.filter(isKept)));
}

function requireSmall(path: string): void {
  const { size } = statSync(path);
  if (size > bundleBytesMax)
    throw new RangeError(
      `${path} has ${size} bytes, more than ${bundleBytesMax}: see its source map for the package that is imported whole`,
    );
}

function copyAll(pattern: string, target: string): void {
  mkdirSync(target, { recursive: true });
  for (const file of globSync(pattern, { cwd: root }).sort())
    cpSync(join(root, file), join(target, file.split('/').at(-1) ?? file));
}

if (import.meta.main) {
  const [first = 'dist/app', folder = 'dist/bin'] = process.argv.slice(2);
  await (first === 'plugin' ? bundlePlugin(resolve(folder)) : bundle(resolve(first)));
}
