import { expect, it } from 'vitest';
import { booksLine, faultLine, groupLines, memoryLines, memoryViolations, totalLine, violationLine } from './report.ts';

const atMs = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const record = { atMs, fault: 'kill-risk', lastedMs: 4_210, runningMs: 1_260, orderMs: 9_990 };
const growth = {
  name: 'risk',
  processes: 2,
  firstBytes: 1.5e8,
  lastBytes: 1.55e8,
  maxBytes: 1.6e8,
  observedMinutes: 12.34,
  bytesPerMinute: 600_000,
};

it('says of a fault when it began, how long it lasted, and when the stack ran and traded again', () => {
  expect(faultLine(record).replaceAll(/ +/g, ' ')).toBe(
    '03:04:05 kill-risk lasted 4.2 s, Running again after 1.3 s, first order after 10.0 s',
  );
});

it('says that the stack did not run or trade again', () => {
  expect(faultLine({ ...record, runningMs: undefined, orderMs: undefined })).toMatch(
    /lasted 4\.2 s, not Running again, no order after it$/,
  );
});

it('says what was violated, and after which fault', () => {
  expect(violationLine({ atMs, after: 'kill-risk', text: 'I5: a' })).toBe('03:04:05  VIOLATION after kill-risk: I5: a');
});

it('says how much was compared', () => {
  expect(booksLine(atMs, { orders: 12, fills: 7 })).toBe(
    "03:04:05  books equal the venue's: 12 orders, 7 fills, no order without an end",
  );
});

it('reports memory, and a slope only where there is one', () => {
  const young = { ...growth, firstBytes: undefined, lastBytes: undefined, bytesPerMinute: undefined };
  const lines = memoryLines([growth, { ...growth, bytesPerMinute: undefined }, young]);
  expect(lines.map((line) => line.replaceAll(/ +/g, ' '))).toEqual([
    'memory risk 160.0 MB at most in 2 processes; warm for 12.3 minutes, from 150.0 MB to 155.0 MB: 6.0 MB per 10 minutes',
    'memory risk 160.0 MB at most in 2 processes; warm for 12.3 minutes, from 150.0 MB to 155.0 MB: too short for a slope',
    'memory risk 160.0 MB at most in 2 processes; none ran for longer than its warm-up',
  ]);
});

it('sums up the recovery of each group of faults', () => {
  const records = [
    record,
    { ...record, fault: 'kill-redis', runningMs: 5_000, orderMs: undefined },
    { ...record, fault: 'kill-ws', runningMs: 3_000, orderMs: undefined },
    { ...record, fault: 'cut-redis', runningMs: undefined },
  ];
  expect(groupLines(records).map((line) => line.replaceAll(/ +/g, ' '))).toEqual([
    'kill 3 faults: Running again after 3.0 s in the median, 5.0 s at most; first order after 10.0 s in the median, 10.0 s at most, 2 times not',
    'cut 1 faults: Running again never; first order after 10.0 s in the median, 10.0 s at most',
  ]);
});

it('counts memory that grows as a violation, and memory that does not as none', () => {
  const flat = { ...growth, bytesPerMinute: 500_000 };
  expect(memoryViolations([flat, growth, { ...growth, bytesPerMinute: undefined }], atMs)).toEqual([
    { atMs, after: 'memory', text: 'risk grows by 6.0 MB in 10 minutes; at most 5.0 MB is flat' },
  ]);
});

it('ends with the counts', () => {
  const violation = { atMs, after: 'a', text: 'b' };
  expect(totalLine({ faults: [record, record], violations: [violation] })).toBe('2 faults, 1 violations');
});
