import { stringify } from 'yaml';
import { expect, it } from 'vitest';
import { stackContext } from '../../test/fixtures/stack-observation.ts';
import { buildControlSecret } from './build-control-secret.ts';
import { buildDefaultDenyPolicy } from './build-network-policy.ts';
import { buildPaperAccountSecret } from './build-paper-account-secret.ts';
import { renderRelease, type ServiceRelease } from '../releases/render-release.ts';
import type { ChildObject } from './child-object.ts';
import { colouredDeployment } from './deployments/coloured-deployment.ts';

const VERSIONS = new Map([['platform-ws', '1']]);

function renderedObjects(): string {
  const context = stackContext();
  const release = renderRelease(context, VERSIONS);
  const shared = [
    buildDefaultDenyPolicy(context),
    buildControlSecret(context, 'token'),
    buildPaperAccountSecret(context, { apiKey: 'key', secretKey: 'secret' }),
  ];
  const services = release.tiers.flatMap((tier) => tier.services.flatMap(objectsOf));
  return [...shared, ...services].map((object) => stringify(object, { aliasDuplicateObjects: false })).join('---\n');
}

/** With the Deployment of one colour of the sender. */
function objectsOf({ objects, deployment }: ServiceRelease): readonly ChildObject[] {
  return deployment === undefined ? objects : [...objects, colouredDeployment(deployment, 'blue', 1)];
}

it('renders the sample stack exactly as in generated/paper-stack.yaml', async () => {
  await expect(renderedObjects()).toMatchFileSnapshot('generated/paper-stack.yaml');
});

it('renders the same stack to the same bytes', () => {
  expect(renderedObjects()).toBe(renderedObjects());
});

it('lets no child block the deletion of its stack, whose tiers stop in their own order', () => {
  // Foreground deletion, the default of Argo CD, would delete such children at once and in any order.
  expect(renderedObjects()).not.toContain('blockOwnerDeletion: true');
});
