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

it('lets no child block the deletion of its stack, which waits for its pods by a finalizer of its own', () => {
  // A child that blocks needs a right to the finalizers of the stack where OwnerReferencesPermissionEnforcement is on.
  expect(rendered()).not.toContain('blockOwnerDeletion: true');
});
