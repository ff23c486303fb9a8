import { expect, it } from 'vitest';
import type { ApiCall } from './audit-calls.ts';
import { isSameObject, movesStack, reactionsTo } from './reactions.ts';

function call(receivedMs: number, change: Partial<ApiCall> = {}): ApiCall {
  const base = { agent: '', verb: 'patch', resource: 'configmaps', namespace: 'a', name: 'x', code: 200 };
  return { ...base, receivedMs, doneMs: receivedMs + 2, ...change };
}

it('measures from the answer to the change until the first write is received, and until it is done', () => {
  const writes = [call(30), call(15), call(4, { namespace: 'b' })];
  expect(reactionsTo({ changes: [call(5, { doneMs: 10 })], writes })).toEqual({
    firstWriteMs: [5],
    firstDoneMs: [7],
    unanswered: 0,
  });
});

it('keeps a write that is received before the change is answered, and ignores one from before the change', () => {
  expect(reactionsTo({ changes: [call(5, { doneMs: 10 })], writes: [call(4), call(9)] }).firstWriteMs).toEqual([-1]);
});

it('counts a change as unanswered when the next one of the same stack comes first', () => {
  const changes = [call(10, { doneMs: 11 }), call(50, { doneMs: 52, namespace: 'b' }), call(90, { doneMs: 92 })];
  expect(reactionsTo({ changes, writes: [call(95)] })).toEqual({ firstWriteMs: [3], firstDoneMs: [5], unanswered: 2 });
});

it.each([
  ['get', 'configmaps', false],
  ['watch', 'pods', false],
  ['patch', 'leases', false],
  ['create', 'events', false],
  ['patch', 'tradingstacks/status', true],
  ['delete', 'services', true],
])('a %s of %s moves a stack: %s', (verb, resource, moves) => {
  expect(movesStack({ verb, resource })).toBe(moves);
});

it('waits for the write that repairs the object itself', () => {
  const changes = [call(10, { verb: 'delete', resource: 'services', name: 'demo-risk', doneMs: 12 })];
  const writes = [
    call(13),
    call(14, { resource: 'services', name: 'demo-ws' }),
    call(20, { resource: 'services', name: 'demo-risk' }),
  ];
  expect(reactionsTo({ changes, writes, answers: isSameObject }).firstDoneMs).toEqual([10]);
});
