import { expect, it } from 'vitest';
import { podOf, serviceRelease, stackObservation } from '../../../../test/fixtures/stack-observation.ts';
import type { ObservedPod } from '../observe/observation.ts';
import { podProblem } from './pod-problem.ts';

const ready = podOf(serviceRelease(stackObservation(), 'ws'));
const silent = { ready: false, answer: { kind: 'Silent', message: 'refused' } } as const;
const ended = { reason: 'Error', message: 'exit code 1, restarts: 3' };
const backOff = { reason: 'CrashLoopBackOff', message: 'back-off 20s' };
const noImage = { reason: 'ImagePullBackOff', message: 'not found' };

it.each<readonly [what: string, change: Partial<ObservedPod>, problem: ObservedPod['ended']]>([
  ['is well', {}, undefined],
  ['starts', silent, undefined],
  ['waits for its image', { ...silent, waiting: noImage }, noImage],
  ['waits after a crash', { ...silent, waiting: backOff, ended }, ended],
  ['waits after a crash of which nothing is known', { ...silent, waiting: backOff }, backOff],
  ['waits for its image after a crash', { ...silent, waiting: noImage, ended }, noImage],
  ['is down, although its last answer still counts', { ended, endedRecently: true }, ended],
  ['was restarted a moment ago, and answers and is ready', { ended, endedRecently: true }, ended],
  ['was restarted a moment ago, and answers', { ended, endedRecently: true, ready: false }, ended],
  ['was restarted long ago, and is well', { ended }, undefined],
  ['was restarted long ago, and says itself why it is not ready', { ended, ready: false }, undefined],
  ['was restarted long ago, and does not answer', { ...silent, ended }, ended],
  ['was restarted long ago, and does not answer, although it is ready', { ...silent, ready: true, ended }, undefined],
  ['has completed its task', { ...silent, succeeded: true, ended, endedRecently: true }, undefined],
  ['is being deleted', { ...silent, deleting: true, waiting: backOff, ended, endedRecently: true }, undefined],
])('of a pod that %s', (_what, change, problem) => {
  expect(podProblem({ ...ready, ...change })).toEqual(problem);
});
