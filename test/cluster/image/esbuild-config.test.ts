import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { bundle, entryPoints } from '../../../esbuild.config.ts';

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
