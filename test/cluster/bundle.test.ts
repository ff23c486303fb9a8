import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { entryPoints } from './bundle.ts';

it('finds every process of the project by its main.ts', () => {
  const services = join(import.meta.dirname, '../../services');
  const withMain = readdirSync(services).filter((name) => readdirSync(join(services, name)).includes('main.ts'));
  const names = entryPoints().map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining([...withMain, 'healthcheck']));
  expect(new Set(names).size).toBe(names.length);
});
