import { beforeEach, describe, expect, it } from 'vitest';
import type { DecisionScope, ObservedRelease } from '../../../shared/domain/release/active-release.ts';
import type { Moment, RiskStore, Rule } from '../../ports.ts';
import { approval, decisionsIn, NOW } from '../contract-decisions.ts';

export interface ActivationSubject {
  readonly store: Pick<RiskStore, 'decideAll' | 'observeRelease' | 'renewRelease' | 'activateRelease'>;
  readonly setActive: (active: ObservedRelease | undefined) => Promise<void>;
}

/** Tests which release may decide, in the store in Postgres and in its twin in memory. */
export function activationContract(name: string, create: () => Promise<ActivationSubject>): void {
  describe(`the active release in ${name}`, () => {
    let subject: ActivationSubject;
    let scopes: DecisionScope[];
    const { decideAll } = decisionsIn(() => subject.store);

    beforeEach(async () => {
      subject = await create();
      scopes = [];
    });

    /** Decides an approval, and returns what became of it. */
    async function outcomeOf(id: string, terms: Partial<Pick<Moment, 'release'>> = {}): Promise<string> {
      const rule: Rule = (_account, _index, scope) => {
        scopes.push(scope);
        return approval(id);
      };
      const [outcome] = await decideAll([id], rule, NOW, terms);
      return outcome?.kind === 'NoAction' ? outcome.reason : String(outcome?.kind);
    }

    it.each<[string, ObservedRelease | undefined, DecisionScope]>([
      ['its own', { epoch: 1, release: 'r1', isStale: false }, 'All'],
      ['its own, not heard from', { epoch: 1, release: 'r1', isStale: true }, 'All'],
      ['another', { epoch: 2, release: 'r2', isStale: false }, 'None'],
      ['another that is silent', { epoch: 2, release: 'r2', isStale: true }, 'Exits'],
      ['none', undefined, 'Exits'],
    ])('a process whose active release is %s decides accordingly', async (_name, active, scope) => {
      await subject.setActive(active);
      expect(await outcomeOf('one')).toBe(scope === 'None' ? 'NotActiveRelease' : 'New');
      expect(scopes).toEqual(scope === 'None' ? [] : [scope]);
    });

    it('is read again for each of several decisions that cannot be made together', async () => {
      await subject.setActive(undefined);
      const outcomes = await decideAll(['bad', 'good'], (_account, index, scope) => {
        scopes.push(scope);
        if (index === 0) throw new Error('cannot be decided');
        return approval('good');
      });
      expect(outcomes.map(({ kind }) => kind)).toEqual(['Failed', 'New']);
      expect(new Set(scopes)).toEqual(new Set(['Exits']));
    });

    it('is raised to a higher epoch only, and to one release in an epoch', async () => {
      expect(await subject.store.activateRelease({ epoch: 2, release: 'r2' })).toEqual({ epoch: 2, release: 'r2' });
      expect(await subject.store.activateRelease({ epoch: 2, release: 'r3' })).toMatchObject({
        epoch: 2,
        release: 'r2',
      });
      expect(await subject.store.activateRelease({ epoch: 1, release: 'r3' })).toMatchObject({
        epoch: 2,
        release: 'r2',
      });
      expect(await subject.store.activateRelease({ epoch: 2, release: 'r2' })).toMatchObject({
        epoch: 2,
        release: 'r2',
      });
      expect(await subject.store.activateRelease({ epoch: 3, release: 'r1' })).toEqual({ epoch: 3, release: 'r1' });
      expect(await subject.store.observeRelease()).toMatchObject({ epoch: 3, release: 'r1' });
    });

    it('is known to be active since it was activated, however often it is heard', async () => {
      await subject.store.activateRelease({ epoch: 2, release: 'r2' });
      const activeForMs = async () => (await subject.store.observeRelease())?.activeForMs ?? Number.NaN;
      const [first, second] = [await activeForMs(), await activeForMs()];
      expect(second).toBeGreaterThan(first);
      await subject.store.activateRelease({ epoch: 3, release: 'r2' });
      expect(await activeForMs()).toBeLessThan(60_000);
    });

    it('is set where none was', async () => {
      await subject.setActive(undefined);
      expect(await subject.store.observeRelease()).toBeUndefined();
      expect(await subject.store.activateRelease({ epoch: 1, release: 'r1' })).toEqual({ epoch: 1, release: 'r1' });
      expect(await outcomeOf('one')).toBe('New');
    });

    it('decides nothing any more once another one is active, and what it decided stays', async () => {
      expect(await outcomeOf('before')).toBe('New');
      await subject.store.activateRelease({ epoch: 2, release: 'r2' });
      expect(await outcomeOf('before')).toBe('NotActiveRelease');
      expect(await outcomeOf('after')).toBe('NotActiveRelease');
      expect(await outcomeOf('before', { release: 'r2' })).toBe('Repeated');
      expect(await outcomeOf('after', { release: 'r2' })).toBe('New');
    });

    it('is heard from when a process of it renews, and not when any other one does', async () => {
      await subject.setActive({ epoch: 1, release: 'r1', isStale: true });
      const heardAtMs = async () => (await subject.store.observeRelease())?.heardAtMs ?? Number.NaN;
      const heard = await heardAtMs();
      await subject.store.renewRelease('r2');
      expect(await heardAtMs()).toBe(heard);
      expect(await outcomeOf('silent', { release: 'r2' })).toBe('New');
      await subject.store.renewRelease('r1');
      expect(await heardAtMs()).toBeGreaterThan(heard);
      expect(await outcomeOf('heard', { release: 'r2' })).toBe('NotActiveRelease');
    });

    it('decides either before or after a change of it, in every order of the two', async () => {
      for (let round = 2; round < 8; round += 1) {
        const [before, next] = [`r${round - 1}`, `r${round}`];
        const [outcome] = await Promise.all([
          outcomeOf(`race${round}`, { release: before }),
          subject.store.activateRelease({ epoch: round, release: next }),
        ]);
        expect(['New', 'NotActiveRelease']).toContain(outcome);
        expect(await outcomeOf(`late${round}`, { release: before })).toBe('NotActiveRelease');
        expect(await outcomeOf(`race${round}`, { release: next })).toBe(outcome === 'New' ? 'Repeated' : 'New');
      }
    });
  });
}
