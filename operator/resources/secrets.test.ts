import { expect, it } from 'vitest';
import { catalogueRow } from '../../services/shared/contracts/catalogue.ts';
import { stackContext } from '../../test/fixtures/stack-observation.ts';
import { controlSecret } from './control-secret.ts';
import { paperAccountSecret } from './paper-account-secret.ts';
import { podSecrets } from './pod-secrets.ts';

it('encodes values in base64', () => {
  expect(controlSecret(stackContext(), 'abc').data).toEqual({ token: 'YWJj' });
  expect(paperAccountSecret(stackContext(), { apiKey: 'a', secretKey: 'b' })?.data).toEqual({
    apiKey: 'YQ==',
    secretKey: 'Yg==',
  });
});

it('creates no paper account if the spec names venue keys', () => {
  const context = stackContext({ venue: { credentials: { secretName: 'mexc' } } });
  expect(paperAccountSecret(context, { apiKey: 'a', secretKey: 'b' })).toBeUndefined();
});

it('requires from the platform exactly the passwords of the stores that a service uses', () => {
  const { spec } = stackContext();
  expect(podSecrets(catalogueRow('signal'), spec).map(({ secretName, keys }) => [secretName, keys])).toEqual([
    ['platform-signal', ['redis-password']],
  ]);
  expect(podSecrets(catalogueRow('execution'), spec).map(({ folder }) => folder)).toEqual([
    'platform',
    'venue',
    'control',
  ]);
});
