import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

it('is in the README as it is, and the controller itself has 30 lines', () => {
  const [readme, example] = ['README.md', 'example.ts'].map((name) =>
    readFileSync(new URL(name, import.meta.url), 'utf8'),
  );
  const blocks = [...(readme ?? '').matchAll(/```ts\n(.*?)\n```/gs)].map(([, block = '']) => block);
  expect(blocks).toHaveLength(2);
  for (const block of blocks) expect(example).toContain(block);
  expect(blocks[0]?.split('\n').length).toBeLessThanOrEqual(30);
});
