import { expect, it } from 'vitest';
import { jsonOf } from './json-of.ts';

const hop = { ours: { p50Ms: 1 }, peers: { bare: { p50Ms: 2 } }, ratio: { bare: 0.5 } };

it('gives the figures of one bench as they are', () => {
  expect(jsonOf([['hop', hop]])).toEqual(hop);
});

it('keeps the parts of several benches apart by their names', () => {
  const drain = { ours: { perSecond: 3 }, rounds: 7 };
  expect(
    jsonOf([
      ['hop', hop],
      ['drain', drain],
    ]),
  ).toEqual({
    ours: { hop: hop.ours, drain: drain.ours },
    peers: { hop: hop.peers },
    ratio: { hop: hop.ratio },
    rounds: { drain: 7 },
  });
});
