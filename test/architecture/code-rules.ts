import { isTest } from './rooms/rooms.ts';
import type { SourceFile } from './source-file.ts';
import type { Violation } from './violation.ts';

const TEST_NAMES = ['it', 'test', 'describe', 'suite', 'bench'];
const SWITCHES = ['skip', 'skipIf', 'only', 'todo', 'runIf', 'fails'];
const SWITCHED_OFF = new Set([
  ...TEST_NAMES.flatMap((name) => SWITCHES.map((part) => `${name}.${part}`)),
  'xit',
  'xdescribe',
  'context.skip',
  'ctx.skip',
]);
/** A suite that asserts for the file that calls it. */
const CONTRACT = /Contract$/;
const ASSERTIONS = new Set(['expect', 'assert', 'fc.assert', 'expectTypeOf', 'assertType']);

/** Returns files that read the environment outside config.ts, have a main.ts that is too long, or test nothing. */
export function codeViolations(files: readonly SourceFile[]): readonly Violation[] {
  return files.flatMap((file) => [...environment(file), ...main(file), ...tests(file)]);
}

function environment({ path, members }: SourceFile): readonly Violation[] {
  if (isTest(path) || path.endsWith('/config.ts')) return [];
  if (!members.has('process.env')) return [];
  return [{ path, rule: 'environment', message: 'reads process.env; only config.ts may' }];
}

function main({ path, branches }: SourceFile): readonly Violation[] {
  if (!path.endsWith('/main.ts') || isTest(path) || branches === 0) return [];
  return [{ path, rule: 'main', message: `${branches} branches: main.ts only starts, wire.ts constructs` }];
}

function tests({ path, members, calls }: SourceFile): readonly Violation[] {
  if (!path.endsWith('.test.ts')) return [];
  const disabled = [...members, ...calls].filter((name) => SWITCHED_OFF.has(name));
  return [
    ...[...new Set(disabled)].map((name) => ({
      path,
      rule: 'switched off',
      message: `${name}: run the test, or delete it`,
    })),
    ...([...calls].some((name) => ASSERTIONS.has(name) || CONTRACT.test(name))
      ? []
      : [{ path, rule: 'assertion', message: 'has no assertion' }]),
  ];
}
