import { isTest, NO_SERVICE } from './rooms/rooms.ts';
import type { Violation } from './violation.ts';

/** Files that every service has, and files that every service except a job has. */
const EVERY = ['main.ts', 'wire.ts', 'config.ts', 'README.md'];
const LASTING = ['service.ts', 'metrics.ts'];

interface Row {
  readonly name: string;
  readonly update: string;
}

/** Code that may name a service: the builder of its settings. The API has fields with such names. */
const NAMES_SERVICES = /^operator\/(?:resources\/settings|api\/)/;

/** What the operator needs to know of a service is a capability in its row of the catalogue, never its name. */
export function serviceNameViolations(
  texts: readonly { readonly path: string; readonly text: string }[],
  rows: readonly Pick<Row, 'name'>[],
): readonly Violation[] {
  const quoted = new RegExp(`(['"\`])(?:${rows.map(({ name }) => name).join('|')})\\1`, 'g');
  return texts
    .filter(({ path }) => path.startsWith('operator/') && !isTest(path) && !NAMES_SERVICES.test(path))
    .flatMap(({ path, text }) => [...text.matchAll(quoted)].map(([name]) => ({ path, name })))
    .map(({ path, name }) => ({
      path,
      rule: 'catalogue',
      message: `${name}: use a capability of the row instead of the name of the service`,
    }));
}

/**
 * A folder under services/ for each row of the catalogue, a row for each folder, and the same inner names everywhere.
 */
export function serviceViolations(paths: readonly string[], rows: readonly Row[]): readonly Violation[] {
  const present = new Set(paths);
  const folders = new Set(paths.flatMap((path) => /^services\/([^/]+)\//.exec(path)?.[1] ?? []));
  const known = new Set(rows.map(({ name }) => name));
  return [
    ...[...folders]
      .filter((name) => !known.has(name) && !NO_SERVICE.has(name))
      .map((name) => ({ path: `services/${name}`, rule: 'catalogue', message: 'has no row in the catalogue' })),
    ...rows.flatMap(({ name, update }) =>
      [...EVERY, ...(update === 'Job' ? [] : LASTING)]
        .map((file) => `services/${name}/${file}`)
        .filter((path) => !present.has(path))
        .map((path) => ({ path, rule: 'catalogue', message: `missing; the catalogue has a row for ${name}` })),
    ),
  ];
}
