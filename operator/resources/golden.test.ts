import { stringify } from 'yaml';
import { expect, it } from 'vitest';
import { renderedObjects } from '../../test/fixtures/children/rendered-children.ts';
import { stackContext } from '../../test/fixtures/stack-observation.ts';

const VERSIONS = new Map([['platform-ws', '1']]);

function rendered(): string {
  const objects = renderedObjects(stackContext(), VERSIONS);
  return objects.map((object) => stringify(object, { aliasDuplicateObjects: false })).join('---\n');
}

it('renders the sample stack exactly as in generated/paper-stack.yaml', async () => {
  await expect(rendered()).toMatchFileSnapshot('generated/paper-stack.yaml');
});

it('renders the same stack to the same bytes', () => {
  expect(rendered()).toBe(rendered());
});

it('lets no child block the deletion of its stack, whose tiers stop in their own order', () => {
  // Foreground deletion, the default of Argo CD, would delete such children at once and in any order.
  expect(rendered()).not.toContain('blockOwnerDeletion: true');
});
