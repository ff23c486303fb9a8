import { expect, it } from 'vitest';
import { catalogueRow } from '../../services/shared/contracts/catalogue.ts';
import { stackContext } from '../../test/fixtures/stack-observation.ts';
import { buildControlSecret } from './build-control-secret.ts';
import { buildPaperAccountSecret } from './build-paper-account-secret.ts';
import { podSecrets } from './pod-secrets.ts';

it('encodes values in base64', () => {
  expect(buildControlSecret(stackContext(), 'abc').data).toEqual({ token: 'YWJj' });
  expect(buildPaperAccountSecret(stackContext(), { apiKey: 'a', secretKey: 'b' })?.data).toEqual({
    apiKey: 'YQ==',
    secretKey: 'Yg==',
  });
});

it('creates no paper account if the spec names venue keys', () => {
  const context = stackContext({ venue: { credentials: { secretName: 'mexc' } } });
  expect(buildPaperAccountSecret(context, { apiKey: 'a', secretKey: 'b' })).toBeUndefined();
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
