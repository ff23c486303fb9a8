import { describe, expect, it } from 'vitest';
import { stackContext } from '../../test/fixtures/stack-observation.ts';
import { compareReleases, type ObjectDifference } from './compare-releases.ts';
import { renderRelease } from './render-release.ts';

const render = (
  change: Readonly<Record<string, unknown>> = {},
  versions: readonly (readonly [string, string])[] = [],
) => renderRelease(stackContext(change), new Map(versions));
const before = render();
const linesOf = (objects: readonly ObjectDifference[]): readonly string[] =>
  objects.map(({ action, kind, name }) => `${action} ${kind}/${name}`);

describe('two releases', () => {
  it('of one spec differ in nothing', () => {
    expect(compareReleases(before, render())).toEqual([]);
  });

  it('of another image differ in every workload, the sender is replaced, and another release of risk decides', () => {
    const tiers = compareReleases(before, render({ release: { image: 'registry.example.com/tradingstack:2.0.0' } }));
    expect(tiers.map(({ tier, replacesSender, changesDecider }) => [tier, replacesSender, changesDecider])).toEqual([
      ['foundation', false, false],
      ['venue', false, false],
      ['data', false, false],
      ['strategy', false, false],
      ['risk', false, true],
      ['execution', true, false],
    ]);
    expect(linesOf(tiers[0]?.objects ?? [])).toEqual([
      'Create Job/demo-migrations-<hash>',
      'Remove Job/demo-migrations-<hash>',
    ]);
    const [deployment] = tiers.find(({ tier }) => tier === 'risk')?.objects ?? [];
    // No hash: it would be one without the Secrets, which no pod has.
    expect(deployment?.fields).toEqual([
      {
        path: 'spec.template.spec.containers[risk].image',
        before: 'registry.example.com/tradingstack:1.0.0',
        after: 'registry.example.com/tradingstack:2.0.0',
      },
    ]);
    expect(JSON.stringify(tiers)).not.toContain(render().tiers[0]?.services[0]?.hash);
  });

  it('of another limit differ in the settings of the services that read it, field by field', () => {
    const tiers = compareReleases(before, render({ risk: { maxOrderNotional: '0.4' } }));
    const risk = tiers.find(({ tier }) => tier === 'risk');
    expect(linesOf(risk?.objects ?? [])).toEqual([
      expect.stringMatching(/^Create ConfigMap\/demo-risk-[0-9a-f]{16}$/),
      'Change Deployment/demo-risk',
      expect.stringMatching(/^Remove ConfigMap\/demo-risk-[0-9a-f]{16}$/),
    ]);
    const settings = risk?.objects[0]?.fields ?? [];
    expect(settings).toHaveLength(1);
    expect(settings[0]).toMatchObject({ before: '0.5', after: '0.4' });
    expect(settings[0]?.path).toMatch(/^data\.settings\.json\..*maxOrderNotional$/);
    expect(risk?.objects[1]?.fields.map(({ path }) => path)).toEqual([
      'spec.template.spec.volumes[settings].configMap.name',
    ]);
  });

  it('of another number of pods differ in one field, and replace no sender', () => {
    const tiers = compareReleases(before, render({ services: { 'db-writer': { replicas: 2 } } }));
    expect(tiers.map(({ tier, objects }) => [tier, linesOf(objects)])).toEqual([
      ['data', ['Change Deployment/demo-db-writer']],
    ]);
    expect(tiers[0]?.objects[0]?.fields).toEqual([{ path: 'spec.replicas', before: 1, after: 2 }]);
  });

  it('of which one is none: every object is created, in rollout order', () => {
    const tiers = compareReleases(undefined, before);
    const objects = tiers.flatMap((tier) => tier.objects);
    expect(new Set(objects.map(({ action }) => action))).toEqual(new Set(['Create']));
    expect(objects.every(({ fields }) => fields.length === 0)).toBe(true);
    expect(tiers.some(({ replacesSender, changesDecider }) => replacesSender || changesDecider)).toBe(false);
  });

  it('without a service that the other has: its objects are removed', () => {
    const fewer = { ...before, tiers: before.tiers.filter(({ name }) => name !== 'venue') };
    const [venue, ...others] = compareReleases(before, fewer);
    expect([venue?.tier, others]).toEqual(['venue', []]);
    expect(new Set(venue?.objects.map(({ action }) => action))).toEqual(new Set(['Remove']));
  });
});
