import { z } from 'zod';
import { textField } from '../../fields.ts';

/** The release to run. One image contains every service. */
export const releaseSpec = z
  .object({
    image: textField({
      description: 'Container image of all services, with a tag or (recommended) a digest.',
      maxLength: 400,
      pattern:
        '^[a-z0-9]([a-z0-9._/-]*[a-z0-9])?(:[0-9]{1,5}/[a-z0-9]([a-z0-9._/-]*[a-z0-9])?)?(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}|@sha256:[a-f0-9]{64}|:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}@sha256:[a-f0-9]{64})$',
      wanted: 'an image with a tag or a digest, such as "registry.example.com/tradingstack@sha256:..."',
      unwanted: { ending: ':latest', message: 'must not have the tag latest, which names another image every day' },
    }),
    version: textField({
      description: 'Version name of the release, for display only.',
      maxLength: 60,
      pattern: '^[A-Za-z0-9][A-Za-z0-9._+-]*$',
      wanted: 'letters, digits, ".", "_", "+" and "-"',
    }),
  })
  .meta({ description: 'Release to run.' });
