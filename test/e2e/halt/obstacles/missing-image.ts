import { patchSpec } from '../halt-sources.ts';
import { stackSpec, type Halting } from '../trading-state.ts';
import type { Obstacle } from './obstacle.ts';

export function missingImage(halting: Halting): Obstacle {
  let image: string | undefined;
  return {
    name: 'a rollout cannot pull its image',
    raise: async () => {
      image = (await stackSpec(halting)).release.image;
      await patchSpec(halting, { release: { image: '127.0.0.1:1/nothing:1' } });
    },
    blocks: /ImagePullBackOff|ErrImagePull/,
    remove: async () => {
      if (image !== undefined) await patchSpec(halting, { release: { image } });
    },
  };
}
