import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { REASON_GROUPS } from '../../services/shared/contracts/reasons.ts';
import { SENDER_ROLES } from '../../services/shared/contracts/statusz.ts';
import { CATALOGUE } from '../../services/shared/contracts/catalogue.ts';
import { checkNames, checkNameViolations } from './check-name-rules.ts';
import { canTransition, ORDER_STATE_KINDS } from '../../services/shared/domain/orders/order.ts';
import { codeViolations } from './code-rules.ts';
import { cycleViolations } from './cycle-rules.ts';
import { documentViolations } from './document-rules.ts';
import { idleExceptions, idleGrants, importViolations } from './import-rules.ts';
import { nameViolations, topLevelViolations } from './name-rules.ts';
import { listFiles, readProject, ROOT } from './project.ts';
import { reasonViolations } from './reason-rules.ts';
import { OPERATOR_FOLDERS } from './rooms/operator-rooms.ts';
import { isTest } from './rooms/rooms.ts';
import { serviceNameViolations, serviceViolations } from './service-rules.ts';
import { siblingViolations, sizeViolations } from './sizes.ts';
import { textViolations } from './text-rules.ts';
import { describeViolations } from './violation.ts';
import { commentViolations, wordViolations } from './word-rules.ts';

const files = readProject();
const paths = listFiles();
/** Documents outside the folders of code. */
const DOCUMENTS = [
  'README.md',
  'CONTRIBUTING.md',
  'docs/architecture.md',
  'docs/concepts.md',
  'docs/runbook.md',
  'docs/tutorial.md',
];

/** Files of the service `echo`, which CONTRIBUTING.md adds as an example. */
const EXAMPLE = [
  'services/echo/core/stance-label.ts',
  'services/shared/contracts/services/echo.ts',
  'operator/resources/settings/echo.ts',
];
/** Files with text that people read. */
const WRITTEN = /\.(?:ts|go|lua|md|ya?ml|sh|conf|sql|tpl|txt)$|(?:^|\/)Dockerfile$/;
/** Their checksums are compared: their text must not change. */
const RELEASED_MIGRATION = /\/migrations\/0000(?:0\d|1[0-4])_/;
const charts = trackedIn('charts', 'manifests');

function trackedIn(...folders: readonly string[]): readonly string[] {
  return execFileSync('git', ['ls-files', ...folders], { cwd: ROOT, encoding: 'utf8' })
    .trim()
    .split('\n');
}

function textOf(path: string): { readonly path: string; readonly text: string } {
  return { path, text: readFileSync(join(ROOT, path), 'utf8') };
}

describe('the project', () => {
  it('has files to check', () => {
    expect(files.length).toBeGreaterThan(30);
  });

  it('imports only what the table of rooms allows', () => {
    expect(describeViolations(importViolations(files))).toEqual([]);
    expect(idleExceptions(files)).toEqual([]);
    // Rooms of services are shared by all services, so a grant may wait there for its next service.
    expect(idleGrants(files, OPERATOR_FOLDERS)).toEqual([]);
  });

  it('has meaningful names in kebab-case', () => {
    expect(describeViolations(nameViolations(paths))).toEqual([]);
  });

  it('has only the layout at the top level', () => {
    const tracked = execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' }).trim().split('\n');
    const top = new Set(tracked.map((path) => path.split('/')[0] ?? path));
    expect(describeViolations(topLevelViolations([...top]))).toEqual([]);
  });

  it('has no circle of imports, type imports included', () => {
    expect(describeViolations(cycleViolations(files))).toEqual([]);
  });

  it('keeps its folders small', () => {
    expect(describeViolations(siblingViolations(paths))).toEqual([]);
  });

  it('keeps its files short', () => {
    expect(describeViolations(sizeViolations(files))).toEqual([]);
  });

  it('reads the environment only in config.ts, keeps main.ts short, and asserts in every test', () => {
    expect(describeViolations(codeViolations(files))).toEqual([]);
  });

  it('has no unfinished work and no disabled check', () => {
    const texts = paths.filter((path) => /\.(?:ts|go|sql|lua|md|ya?ml|sh)$/.test(path));
    const broken = texts.flatMap((path) => textViolations(path, readFileSync(join(ROOT, path), 'utf8')));
    expect(describeViolations(broken)).toEqual([]);
  });

  it('has documents whose links and npm scripts exist', () => {
    const documents = [...paths, ...DOCUMENTS]
      .filter((path) => path.endsWith('.md'))
      .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object };
    const surroundings = {
      exists: (path: string) => existsSync(join(ROOT, path)),
      scripts: new Set(Object.keys(scripts)),
      files: [...paths, ...EXAMPLE],
    };
    expect(describeViolations(documentViolations(documents, surroundings))).toEqual([]);
  });

  it('is written in the words of an engineer, with comments no wider than the code', () => {
    const read = [...paths, ...charts, ...DOCUMENTS, ...trackedIn('*.config.ts', 'Dockerfile')]
      // The rules themselves name the words.
      .filter((path) => WRITTEN.test(path) && !RELEASED_MIGRATION.test(path))
      .filter((path) => !path.startsWith('test/architecture/word-rules'))
      .map(textOf);
    expect(describeViolations(read.flatMap(({ path, text }) => wordViolations(path, text)))).toEqual([]);
    const code = read.filter(({ path }) => !path.endsWith('.md'));
    expect(describeViolations(code.flatMap(({ path, text }) => commentViolations(path, text)))).toEqual([]);
  });

  it('mentions only checks that a process has', () => {
    const sources = paths.filter((path) => path.endsWith('.ts') && !isTest(path)).map(textOf);
    const known = checkNames(sources);
    expect([...known]).toEqual(expect.arrayContaining(['redis', 'postgres', 'feed', 'ledger', 'instruments']));
    const reasons = sources.filter(({ path }) => path.includes('contracts/reasons'));
    expect(describeViolations(checkNameViolations([textOf('docs/runbook.md'), ...reasons], known))).toEqual([]);
  });

  it('explains every reason in the table of its place, and emits every reason that it explains', () => {
    const sources = [...paths, ...charts]
      .filter((path) => /\.(?:ts|sh)$/.test(path) && !isTest(path) && !path.includes('contracts/reasons'))
      .map(textOf);
    const dynamic = SENDER_ROLES.map((role) => `Sender${role.charAt(0).toUpperCase()}${role.slice(1)}`);
    const named = [...sources, { path: 'roles', text: dynamic.map((reason) => `'${reason}'`).join() }];
    expect(describeViolations(reasonViolations(named, REASON_GROUPS))).toEqual([]);
  });

  it('draws the life of an order in docs/concepts.md exactly as order.ts allows it', () => {
    const drawn = readFileSync(join(ROOT, 'docs/concepts.md'), 'utf8').matchAll(/^ {2}(\w+) --> (\w+)$/gm);
    const allowed = ORDER_STATE_KINDS.flatMap((from) =>
      ORDER_STATE_KINDS.filter((to) => canTransition(from, to)).map((to) => `${from} --> ${to}`),
    );
    expect([...drawn].map(([, from, to]) => `${from} --> ${to}`).toSorted()).toEqual(allowed.toSorted());
  });

  it('has one folder and one row for each service', () => {
    expect(describeViolations(serviceViolations(paths, CATALOGUE))).toEqual([]);
  });

  it('knows services in the operator by their capabilities, not by their names', () => {
    const texts = paths
      .filter((path) => path.startsWith('operator/') && path.endsWith('.ts'))
      .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
    expect(describeViolations(serviceNameViolations(texts, CATALOGUE))).toEqual([]);
  });
});
