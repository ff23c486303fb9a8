import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundle, entryPoints, withoutPositions } from '../../../esbuild.config.ts';

it('finds every process of the project by its main.ts', () => {
  const services = join(import.meta.dirname, '../../../services');
  const withMain = readdirSync(services).filter((name) => readdirSync(join(services, name)).includes('main.ts'));
  const names = entryPoints().map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining([...withMain, 'healthcheck', 'halt']));
  expect(new Set(names).size).toBe(names.length);
});

it('writes the same bytes wherever it writes them, and names sources from the root', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bundle-'));
  const written = async (output: string) => {
    await bundle(output, [{ name: 'healthcheck', file: 'services/shared/runtime/healthcheck.ts' }]);
    return ['healthcheck.mjs', 'healthcheck.mjs.map'].map((file) => readFileSync(join(output, file), 'utf8'));
  };
  try {
    const near = await written(join(folder, 'near'));
    expect(await written(join(folder, 'much/further/away'))).toEqual(near);
    expect(JSON.parse(near[1] ?? '')).toMatchObject({
      sources: expect.arrayContaining(['services/shared/runtime/healthcheck.ts']),
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

describe('the map of a bundle', () => {
  let folder: string;
  let lines: readonly string[];
  let payload: SourceMapPayload;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bundle-'));
    await bundle(folder, [{ name: 'halt', file: 'services/execution/halt/main.ts' }]);
    lines = readFileSync(join(folder, 'halt.mjs'), 'utf8').split('\n');
    payload = JSON.parse(readFileSync(join(folder, 'halt.mjs.map'), 'utf8')) as SourceMapPayload;
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Where a stack trace says that this text of the bundle is. The text must be there once. */
  const placeOf = (text: string) => {
    const line = lines.findIndex((one) => one.includes(text));
    expect(lines.filter((one) => one.includes(text))).toHaveLength(1);
    const found = new SourceMap(payload).findEntry(line, lines[line]?.indexOf(text) ?? 0);
    if (!('originalSource' in found)) throw new Error(`no place for ${text}`);
    return { file: found.originalSource, line: found.originalLine };
  };

  it.each([
    ['services/execution/halt/await-confirmation.ts', 'async function awaitConfirmation'],
    ['services/shared/domain/decimal.ts', 'function decimalOf'],
    ['services/execution/halt/control-client.ts', 'async function sendCommand'],
  ])('has each line of our sources, here of %s', (file, text) => {
    const source = readFileSync(join(import.meta.dirname, '../../..', file), 'utf8').split('\n');
    const found = placeOf(text);
    expect(found.file).toBe(file);
    expect(source[found.line]).toContain(text);
  });

  it('has the file of a line of a package', () => {
    expect(placeOf('function getCallers').file).toMatch(/^node_modules\/pino\/lib\/caller\.js$/);
    expect(placeOf('var ZodRealError = ').file ?? '').toMatch(/^node_modules\/zod\//);
  });

  it('has no more of a package, because a process keeps the parsed map in its heap', () => {
    const segments = payload.mappings.split(/[;,]/).filter((segment) => segment !== '').length;
    const ours = payload.sources.filter((source) => !source.includes('node_modules'));
    expect(ours.length).toBeGreaterThan(10);
    const bytes = ours.reduce((sum, file) => sum + readFileSync(join(import.meta.dirname, '../../..', file)).length, 0);
    // A position for each few characters of our sources, and a few for each file of the packages.
    expect(segments).toBeLessThan(bytes / 8 + 10 * payload.sources.length);
  });

  it('keeps the first position of each piece of a package, and all others as they are', () => {
    const isPackage = (source: number): boolean => source === 1;
    expect(withoutPositions('AAAA,EAAE;ACAA,EAAE;;EAAE;ADCA,EAAE', isPackage)).toBe('AAAA,EAAE;ACAA;;;ADCI,EAAE');
    expect(withoutPositions(payload.mappings, () => false)).toBe(payload.mappings);
  });
});
