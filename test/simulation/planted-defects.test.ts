import { describe, expect, it } from 'vitest';
import { faultyNetwork } from './network.ts';
import { runSimulation } from './paper-simulation.ts';
import { sampleSettings, sampleTape } from './sample-settings.ts';
import { problemsOf } from './simulation-evidence.ts';
import type { SimulatedVenue } from './simulated-venue.ts';

const settings = sampleSettings();
const tape = sampleTape(settings);

/** Invariants that break in some of a few seeds when execution's client of the venue has this defect. */
function brokenBy(client: (venue: SimulatedVenue) => SimulatedVenue): ReadonlySet<string> {
  const problems = [0, 1, 2].flatMap((seed) =>
    problemsOf(runSimulation({ settings, tape, network: faultyNetwork(seed), playMs: 240_000, client })),
  );
  return new Set(problems.map((problem) => problem.slice(0, 2)));
}

// The simulation is worth something only if it finds what it looks for.
describe('a planted defect is found', () => {
  it('a client that sends an order again when its reply is lost', () => {
    const resending = (venue: SimulatedVenue): SimulatedVenue => ({
      ...venue,
      place: (order, signed, answer) => {
        venue.place(order, signed, (reply) => {
          if (reply.kind === 'unknown') venue.place(order, signed, answer);
          else answer(reply);
        });
      },
    });
    expect(brokenBy(resending)).toContain('I1');
  });

  it('a client that does not fetch the fills which the stream has lost', () => {
    const forgetful = (venue: SimulatedVenue): SimulatedVenue => ({
      ...venue,
      fills: (_since, answer) => venue.fills(Number.MAX_SAFE_INTEGER, answer),
    });
    expect(brokenBy(forgetful)).toContain('I5');
  });

  it('a client that takes "no such order" for an answer of the venue to a new order', () => {
    const hasty = (venue: SimulatedVenue): SimulatedVenue => ({
      ...venue,
      place: (order, signed, answer) => {
        venue.place(order, signed, (reply) => {
          answer(reply.kind === 'unknown' ? { kind: 'rejected', code: '-2013', message: 'not found' } : reply);
        });
      },
    });
    expect([...brokenBy(hasty)]).not.toEqual([]);
  });
});
