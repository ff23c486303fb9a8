import { z } from 'zod';
import { textField } from '../fields.ts';

/** The release to run. One image contains every service. */
export const releaseSpec = z
  .object({
    image: textField({
      description: 'Container image of all services, with a tag or (recommended) a digest.',
      maxLength: 400,
      pattern:
        '^[a-z0-9]([a-z0-9._/-]*[a-z0-9])?(:[0-9]{1,5}/[a-z0-9]([a-z0-9._/-]*[a-z0-9])?)?(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}|@sha256:[a-f0-9]{64}|:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}@sha256:[a-f0-9]{64})$',
      wanted: 'an image with a tag or a digest, such as "registry.example.com/tradingstack@sha256:..."',
    }),
    version: z.string().min(1).max(60).meta({ description: 'Version name of the release, for display only.' }),
  })
  .meta({ description: 'Release to run.' });
