import { expect, it } from 'vitest';
import { readConfig } from './config.ts';

it('keeps everything below the cache folder of the user', () => {
  expect(readConfig({ HOME: '/home/ada' }).cacheDirectory).toBe('/home/ada/.cache/tradingstack');
  expect(readConfig({ HOME: '/home/ada', XDG_CACHE_HOME: '/tmp/cache' }).cacheDirectory).toBe(
    '/tmp/cache/tradingstack',
  );
});

it('takes ports from the environment, and none that only root of another kind may use', () => {
  expect(readConfig({ CLUSTER_ETCD_PORT: '22379' }).ports).toEqual({
    api: 6443,
    etcd: 22_379,
    etcdPeer: 22_380,
    registry: 5001,
  });
  expect(() => readConfig({ CLUSTER_API_PORT: '80' })).toThrow('CLUSTER_API_PORT');
});

it('determines whether skaffold requires a push', () => {
  expect(readConfig({}).skaffold).toBeUndefined();
  expect(readConfig({ IMAGE: 'r/t:1', PUSH_IMAGE: 'true' }).skaffold).toEqual({ image: 'r/t:1', push: true });
  expect(readConfig({ IMAGE: 'r/t:1', PUSH_IMAGE: 'false' }).skaffold).toEqual({ image: 'r/t:1', push: false });
});
