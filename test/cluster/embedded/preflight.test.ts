import { expect, it } from 'vitest';
import { fillIn } from './addons.ts';
import { binariesOf, buildKey, kubernetes } from './components.ts';
import { mountsBelow } from './down.ts';
import { isGoNewEnough, missingPackages } from './preflight.ts';

it('returns the packages that have no file installed', () => {
  const wanted = [
    { package: 'iptables', files: ['/usr/sbin/iptables', '/sbin/iptables'] },
    { package: 'openssl', files: ['/usr/bin/openssl'] },
  ];
  expect(missingPackages(wanted, (path) => path === '/sbin/iptables')).toEqual(['openssl']);
});

it.each([
  ['go1.26.8', true],
  ['go1.27rc1', true],
  ['go2.0', true],
  ['go1.25.3', false],
  ['devel', false],
])('judges %s', (version, enough) => {
  expect(isGoNewEnough(version)).toBe(enough);
});

it('finds mounts below a folder, deepest first, with spaces in their names', () => {
  const mounts = 'a /state/run rw\nb /state/run/x\\040y rw\nc /statement rw\nd / rw\n';
  expect(mountsBelow('/state', mounts)).toEqual(['/state/run/x y', '/state/run']);
});

it('fills placeholders and leaves other capitals alone', () => {
  expect(fillIn('POD_NAME: IMAGE_COREDNS IMAGE', { IMAGE_COREDNS: 'r/coredns' })).toBe('POD_NAME: r/coredns IMAGE');
});

it('keys a build by version and recipe, not by how long it takes', () => {
  expect(buildKey({ ...kubernetes, minutes: 1 })).toBe(buildKey(kubernetes));
  expect(buildKey({ ...kubernetes, linkerVariables: {} })).not.toBe(buildKey(kubernetes));
  expect(binariesOf(kubernetes)).toContain('kube-apiserver');
});
