import { stringify } from 'yaml';
import { expect, it } from 'vitest';
import { stackContext } from '../../test/fixtures/stack-observation.ts';
import { serviceObjects } from './child-object.ts';
import { controlSecret } from './control-secret.ts';
import { defaultDenyPolicy } from './network-policy.ts';
import { paperAccountSecret } from './paper-account-secret.ts';
import { renderRelease } from '../releases/render-release.ts';

const VERSIONS = new Map([['platform-ws', '1']]);

function everything(): string {
  const context = stackContext();
  const release = renderRelease(context, VERSIONS);
  const shared = [
    defaultDenyPolicy(context),
    controlSecret(context, 'token'),
    paperAccountSecret(context, { apiKey: 'key', secretKey: 'secret' }),
  ];
  const services = release.tiers.flatMap((tier) => tier.services.flatMap((each) => serviceObjects(context, each)));
  return [...shared, ...services].map((object) => stringify(object, { aliasDuplicateObjects: false })).join('---\n');
}

it('makes of the sample exactly what the file beside it shows', async () => {
  await expect(everything()).toMatchFileSnapshot('generated/paper-stack.yaml');
});

it('makes the same bytes of the same stack', () => {
  expect(everything()).toBe(everything());
});
