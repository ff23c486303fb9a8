import { expect, inject, test } from 'vitest';
import { createKubectl, KubectlError } from './kubectl.ts';
import { wrongResources } from './wrong-resources.ts';

const { place, kubectlOptions, image } = inject('e2e');
const kubectl = createKubectl(kubectlOptions);
const cases = wrongResources({ namespace: place.namespace, image });

test('covers at least twelve mistakes', () => {
  expect(cases.length).toBeGreaterThanOrEqual(12);
});

test.each(cases)(
  'rejects $what, and names the field, the given value or the accepted one',
  async ({ what, resource, says }) => {
    const refusal = await refusalOf(resource);
    process.stdout.write(`${what}: ${refusal}\n`);
    for (const part of says) expect(refusal).toContain(part);
  },
);

async function refusalOf(resource: object): Promise<string> {
  try {
    return `admitted: ${await kubectl.apply(resource, '--dry-run=server')}`;
  } catch (error) {
    if (error instanceof KubectlError) return error.stderr.trim();
    throw error;
  }
}
