import type { Halting } from '../trading-state.ts';
import type { Obstacle } from './obstacle.ts';

const SECRET = 'platform-db-writer';

interface SecretView {
  readonly metadata: { readonly labels?: object; readonly annotations?: object };
}

export function missingSecret({ kubectl, place }: Halting): Obstacle {
  const { namespace } = place;
  let saved: object | undefined;
  return {
    name: 'a Secret is missing',
    raise: async () => {
      const secret = await kubectl.json<SecretView>('-n', namespace, 'get', 'secret', SECRET);
      const { labels, annotations } = secret.metadata;
      saved = { ...secret, metadata: { name: SECRET, namespace, labels, annotations } };
      await kubectl.run('-n', namespace, 'delete', 'secret', SECRET);
    },
    blocks: /SecretMissing/,
    remove: async () => {
      if (saved !== undefined) await kubectl.apply(saved);
    },
  };
}
