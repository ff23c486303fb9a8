import { array, assert, constantFrom, integer, nat, option, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { VenueReply } from '../../../shared/domain/orders/venue-reply.ts';
import { failureOf, healthOf, SAMPLES_MAX, withinWindow, type VenueSample } from './health-window.ts';

const NOW = 500_000;
const answer = (ageMs: number, latencyMs = 10): VenueSample => ({
  atMs: NOW - ageMs,
  latencyMs,
  failure: undefined,
  pauseMs: 0,
});
const failure = (kind: VenueSample['failure'], pauseMs = 0): VenueSample => ({
  atMs: NOW,
  latencyMs: undefined,
  failure: kind,
  pauseMs,
});

describe('a reply of the venue', () => {
  it.each<[VenueReply<unknown>, string | undefined]>([
    [{ kind: 'ok', value: 1 }, undefined],
    [{ kind: 'rejected', code: '30004', message: '' }, undefined],
    [{ kind: 'notFound' }, undefined],
    [{ kind: 'unknown', reason: 'timeout' }, 'NoAnswer'],
    [{ kind: 'notSent', reason: 'ECONNREFUSED' }, 'NotSent'],
    [{ kind: 'rateLimited', retryAfterMs: 1 }, 'RateLimited'],
    [{ kind: 'rateLimited', retryAfterMs: 1, banned: true }, 'Banned'],
  ])('%j fails as %s', (reply, kind) => {
    expect(failureOf(reply)).toBe(kind);
  });
});

describe('the health of the venue', () => {
  it('is empty without requests', () => {
    expect(healthOf([], NOW, 0)).toEqual({
      requests: 0,
      failures: { NoAnswer: 0, NotSent: 0, RateLimited: 0, Banned: 0 },
      timed: 0,
      medianMs: undefined,
      p95Ms: undefined,
      longestPauseMs: 0,
    });
  });

  it('counts requests and failures of the last minute', () => {
    const samples = [answer(60_000), answer(59_999), failure('NoAnswer'), failure('NoAnswer'), failure('Banned')];
    expect(healthOf(samples, NOW, 0)).toMatchObject({
      requests: 4,
      failures: { NoAnswer: 2, NotSent: 0, RateLimited: 0, Banned: 1 },
      timed: 1,
    });
  });

  it.each([
    [[7], 7, 7],
    [[9, 1], 1, 9],
    [[3, 1, 2], 2, 3],
    [Array.from({ length: 100 }, (_, index) => 100 - index), 50, 95],
  ])('has the middle of %j as median %d, and %d as the slowest 5 %%', (latencies, medianMs, p95Ms) => {
    const samples = latencies.map((latency) => answer(1, latency));
    expect(healthOf(samples, NOW, 0)).toMatchObject({ medianMs, p95Ms });
  });

  it('has the longest pause that was demanded, or that lasts still', () => {
    const samples = [failure('RateLimited', 2_000), failure('Banned', 120_000), failure('RateLimited', 1_000)];
    expect(healthOf(samples, NOW, 0).longestPauseMs).toBe(120_000);
    expect(healthOf([], NOW, 300_000).longestPauseMs).toBe(300_000);
  });

  it('keeps a bounded number of samples, the newest ones', () => {
    const samples = Array.from({ length: SAMPLES_MAX + 5 }, (_, index) => answer(20_000 - index));
    expect(withinWindow(samples, NOW)).toEqual(samples.slice(5));
  });

  it('never counts more failures than requests, nor a median above the slowest', () => {
    const sample = record({
      atMs: integer({ min: NOW - 100_000, max: NOW }),
      latencyMs: option(nat(5_000), { nil: undefined }),
      failure: constantFrom(undefined, 'NoAnswer' as const, 'Banned' as const),
      pauseMs: nat(1_000),
    });
    assert(
      property(array(sample), (samples) => {
        const { requests, failures, timed, medianMs = 0, p95Ms = 0 } = healthOf(samples, NOW, 0);
        const failed = Object.values(failures).reduce((sum, count) => sum + count, 0);
        expect([failed <= requests, timed <= requests, medianMs <= p95Ms]).toEqual([true, true, true]);
      }),
    );
  });
});
