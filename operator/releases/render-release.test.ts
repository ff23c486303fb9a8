import { describe, expect, it } from 'vitest';
import { CATALOGUE } from '../../services/shared/contracts/catalogue.ts';
import { TIERS } from '../../services/shared/contracts/service-row.ts';
import { stackContext } from '../../test/fixtures/stack-observation.ts';
import { breakout, cross } from '../../test/fixtures/sample-stack.ts';
import { renderRelease, type Release } from './render-release.ts';

const NO_SECRETS: ReadonlyMap<string, string> = new Map();
const base = renderRelease(stackContext(), NO_SECRETS);

/** Services whose pods the change replaces. */
function changed(after: Release): readonly string[] {
  const hashes = new Map(base.tiers.flatMap(({ services }) => services.map(({ row, hash }) => [row.name, hash])));
  return after.tiers.flatMap(({ services }) =>
    services.filter(({ row, hash }) => hashes.get(row.name) !== hash).map(({ row }) => row.name),
  );
}

it('contains every service of the mode, in the order of the tiers', () => {
  expect(base.tiers.map(({ name }) => name)).toEqual(TIERS);
  const names = base.tiers.flatMap(({ services }) => services.map(({ row }) => row.name));
  expect(names).toHaveLength(CATALOGUE.length);
});

const BARS = { barSeconds: 1, fastBars: 4, slowBars: 9 };

describe('replaces only the services that a change affects', () => {
  it.each<[string, Record<string, unknown>, readonly string[]]>([
    ['no change', {}, []],
    ['another image', { release: { image: 'registry.example.com/tradingstack:2' } }, CATALOGUE.map(({ name }) => name)],
    ['another version name', { release: { version: 'two' } }, []],
    ['a parameter', { strategies: [cross({ parameters: BARS }), breakout()] }, ['signal']],
    [
      'a bar length, which limits the age of signals',
      { strategies: [cross({ parameters: { ...BARS, barSeconds: 5 } }), breakout()] },
      ['signal', 'risk'],
    ],
    ['a limit', { risk: { maxOpenOrders: 3 } }, ['risk']],
    ['a halt', { halt: true }, []],
    ['a flattening', { flatten: true }, []],
    ['a trading state', { tradingState: 'Reducing' }, []],
    ['the speed of the tape', { venue: { tape: { speed: 10 } } }, ['exchange-simulator']],
    ['memory', { services: { ws: { resources: { limits: { memory: '1Gi' } } } } }, ['ws']],
    ['more replicas', { services: { 'db-writer': { replicas: 2 } } }, []],
    ['a longer deadline', { rollout: { tierDeadlineSeconds: 900 } }, []],
  ])('%s', (_what, change, services) => {
    expect(changed(renderRelease(stackContext(change), NO_SECRETS))).toEqual(services);
  });

  it('another password', () => {
    expect(changed(renderRelease(stackContext(), new Map([['platform-risk', '2']])))).toEqual(['risk']);
  });

  it('other venue keys: all services that mount them', () => {
    const after = renderRelease(stackContext(), new Map([['tradingstack-paper-account', '2']]));
    expect(changed(after)).toEqual(['exchange-simulator', 'execution']);
    expect(after.hash).not.toBe(base.hash);
  });
});

it('names ConfigMaps by their content', () => {
  const [first, second] = [base, renderRelease(stackContext({ risk: { maxOpenOrders: 3 } }), NO_SECRETS)].map(
    ({ tiers }) =>
      tiers
        .flatMap(({ services }) => services)
        .find(({ row }) => row.name === 'risk')
        ?.objects.find(({ kind }) => kind === 'ConfigMap')?.metadata?.name,
  );
  expect(first).toMatch(/^demo-risk-[0-9a-f]{16}$/);
  expect(second).not.toBe(first);
});
