import type { ReleaseStatus, WaitingRelease } from '../../api/v1alpha1/trading-stack/status.ts';
import { since } from '../view/age.ts';
import type { StackReport } from '../view/stack-report.ts';
import type { Fact } from './fact.ts';

/** Which release runs, which one is rolled out, and why another one than the spec describes. */
export function releaseFacts({ status: { release }, version, nowMs }: StackReport): readonly Fact[] {
  const named = version === '' ? '' : ` (version ${version})`;
  if (release === undefined) return [{ label: 'release', text: `unknown${named}`, paint: 'warn' }];
  const { desired, target = desired, failed, lastGood } = release;
  const given: readonly Fact[] =
    failed === undefined
      ? []
      : [
          {
            label: '',
            text: `${failed.release} failed ${since(failed.at, nowMs)} ago: ${failed.message}`,
            paint: 'bad',
          },
        ];
  const back: readonly Fact[] =
    lastGood === undefined || lastGood === target
      ? []
      : [
          {
            label: '',
            text: `${nameOf(lastGood, release)} is the last good one, to which a release that fails goes back`,
          },
        ];
  const { waiting } = release;
  const waits: readonly Fact[] =
    waiting === undefined ? [] : [{ label: '', text: waitingLine(waiting, nowMs), paint: 'warn' }];
  return [{ label: 'release', ...stateOf(release, named) }, ...waits, ...given, ...back];
}

function waitingLine({ release, since: from, opensAt }: WaitingRelease, nowMs: number): string {
  const opening = opensAt === undefined ? 'never opens' : `opens at ${opensAt}`;
  return `${release} has waited for the maintenance window for ${since(from, nowMs)}; it ${opening}`;
}

function stateOf(release: ReleaseStatus, named: string): Omit<Fact, 'label'> {
  const { desired, target = desired, current } = release;
  if (target !== desired) return otherOf(release, target, named);
  if (current === target) return { text: `${desired}${named} runs in all tiers` };
  const runs = current === undefined ? 'no release has run in all tiers yet' : `${current} ran in all tiers before`;
  return { text: `${desired}${named} is being rolled out; ${runs}`, paint: 'warn' };
}

/** Another release than the spec describes: one that waits says so in a line of its own. */
function otherOf(release: ReleaseStatus, target: string, named: string): Omit<Fact, 'label'> {
  const { desired, current, waiting, history } = release;
  const state = current === target ? 'runs in all tiers' : 'is being rolled out';
  const name = nameOf(target, release);
  if (waiting?.release === desired) return { text: `${name} ${state}` };
  const why = history?.find((change) => change.release === target)?.reason ?? 'for an unknown reason';
  return { text: `${name} ${state} (${why}), and not ${desired}${named}`, paint: 'bad' };
}

function nameOf(hash: string, { history = [] }: ReleaseStatus): string {
  const version = history.find(({ release }) => release === hash)?.version ?? '';
  return version === '' ? hash : `${hash} (version ${version})`;
}
