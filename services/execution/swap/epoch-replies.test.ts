import { expect, it } from 'vitest';
import { EpochReplies } from './epoch-replies.ts';

const NONE = { acknowledged: 0, rejected: 0, failed: 0, medianMs: null };

it('counts from zero in the next epoch of the same process', () => {
  const replies = new EpochReplies();
  replies.note(2, { kind: 'ok' }, 30);
  replies.note(2, { kind: 'unknown' }, 5_000);
  expect(replies.of(2)).toEqual({ acknowledged: 1, rejected: 0, failed: 1, medianMs: 30 });
  expect(replies.of(4)).toEqual(NONE);
  replies.note(4, { kind: 'rejected' }, 10);
  expect(replies.of(4)).toEqual({ ...NONE, rejected: 1, medianMs: 10 });
});

it('takes the median of the newest hundred answers', () => {
  const replies = new EpochReplies();
  for (let count = 0; count < 100; count += 1) replies.note(1, { kind: 'ok' }, 1_000);
  for (let count = 0; count < 51; count += 1) replies.note(1, { kind: 'ok' }, 10);
  expect(replies.of(1)).toEqual({ ...NONE, acknowledged: 151, medianMs: 10 });
});
