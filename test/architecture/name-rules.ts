import { posix } from 'node:path';
import type { Violation } from './violation.ts';

const MEANINGLESS = new Set([
  'util',
  'utils',
  'helper',
  'helpers',
  'common',
  'misc',
  'types',
  'constants',
  'lib',
  'index',
]);
const FILE = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+(?:-[a-z0-9]+)*)*$/;
const FOLDER = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
/** A suffix that names no job. */
const VAGUE = /-(?:keeper|manager|handler)$/;
/** Names that a tool requires. */
const PRESCRIBED = new Set(['README.md', 'Dockerfile']);

/** Returns names without meaning, and names that are not kebab-case. An `index` file would be a barrel. */
export function nameViolations(paths: readonly string[]): readonly Violation[] {
  return paths.flatMap((path) => {
    const parts = path.split('/');
    const file = parts.pop() ?? '';
    const names = [...parts, posix.parse(file).name];
    return [
      ...names
        .filter((name) => MEANINGLESS.has(name.split('.')[0] ?? name))
        .map((name) => ({ path, rule: 'meaning', message: `"${name}" does not describe its contents` })),
      ...names
        .map((name) => name.split('.')[0] ?? name)
        .filter((name) => VAGUE.test(name))
        .map((name) => ({ path, rule: 'meaning', message: `"${name}": name the job that it does` })),
      ...parts
        .filter((name) => !FOLDER.test(name))
        .map((name) => ({ path, rule: 'kebab-case', message: `the folder "${name}" is not kebab-case` })),
      ...(isCode(file) && !PRESCRIBED.has(file) && !FILE.test(file)
        ? [{ path, rule: 'kebab-case', message: `"${file}" is not kebab-case` }]
        : []),
    ];
  });
}

/**
 * Returns entries that do not belong at the top level, which has the folders of the layout and configuration of tools.
 */
export function topLevelViolations(entries: readonly string[]): readonly Violation[] {
  return entries
    .filter((entry) => !TOP_LEVEL.has(entry))
    .map((path) => ({ path, rule: 'top level', message: 'does not belong at the top level' }));
}

const TOP_LEVEL = new Set(
  [
    '.ci charts crds docs manifests operator plugin services test',
    '.dockerignore .editorconfig .gitignore .oxfmtrc.json .oxlintrc.json Dockerfile knip.json',
    'package.json package-lock.json skaffold.yaml tsconfig.json esbuild.config.ts vitest.config.ts',
    'CONTRIBUTING.md LICENSE README.md',
  ].flatMap((names) => names.split(' ')),
);

function isCode(file: string): boolean {
  return file.endsWith('.ts') || file.endsWith('.go') || file.endsWith('.lua') || file.endsWith('.sh');
}
