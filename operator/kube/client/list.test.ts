import { expect, it } from 'vitest';
import { configMaps } from './builtin-resources.ts';
import { listAll } from './list.ts';

it.each([[null], [{}], [{ metadata: {} }], ['list']])('reports %j, which is no list, as Protocol', async (answer) => {
  const listing = listAll(configMaps, {}, async () => await Promise.resolve(answer as never));
  await expect(listing).rejects.toMatchObject({ code: 'Protocol' });
});
