import { duration } from './age.ts';
import type { PodView } from './pod-view.ts';

/** Whether nothing about a pod needs attention: it is done, or it runs and all of its checks pass. */
export function isPodWell({ state, ready, statusz }: PodView): boolean {
  if (state === 'Succeeded') return true;
  if (state !== 'Running' || !ready) return false;
  return statusz?.known !== true || statusz.value.checks.every(({ ok }) => ok);
}

/** Returns a pod in one line: its name, state, readiness, restarts, age and problem. */
export function podLine({ name, state, ready, restarts, ageMs, problem }: PodView): string {
  const facts = [
    state,
    ...(state === 'Succeeded' ? [] : [ready ? 'ready' : 'not ready']),
    ...(restarts === 0 ? [] : [`${restarts} ${restarts === 1 ? 'restart' : 'restarts'}`]),
    duration(ageMs),
  ];
  return `${name}  ${facts.join(', ')}${problem === '' ? '' : `: ${problem}`}`;
}
