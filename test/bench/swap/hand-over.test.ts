import { expect, it } from 'vitest';
import { handOversIn } from './hand-over.ts';

const at = (ms: number): string => new Date(ms).toISOString();
const role = (ms: number, name: string, epoch: number) => ({ msg: 'role changed', time: at(ms), role: name, epoch });
const taken = (ms: number, epoch: number) => ({ msg: 'fence taken', time: at(ms), epoch, drained: true });

const first = [taken(10, 1), role(10, 'activating', 1), role(60, 'active', 1)];
const swap = [
  role(1_000, 'draining', 1),
  role(1_030, 'standby', 0),
  taken(1_045, 2),
  role(1_045, 'activating', 2),
  role(1_050, 'active', 2),
];

it('divides the time from the request to drain until the next sender may send', () => {
  const [handOver, ...others] = handOversIn([...swap.slice(2), { msg: 'order filled' }, ...first, ...swap.slice(0, 2)]);
  expect(handOver).toEqual({
    epoch: 2,
    mayMs: 1_050,
    drained: true,
    handOverMs: 50,
    drainMs: 30,
    fenceMs: 15,
    activateMs: 5,
  });
  expect(others).toEqual([]);
});

it('takes no request to drain for that of another swap', () => {
  const crash = [...first, ...swap, taken(2_000, 3), role(4_500, 'active', 3)];
  expect(handOversIn(crash).map(({ epoch }) => epoch)).toEqual([2]);
});

it('counts the time until the fence was lost for a sender that had not drained by then', () => {
  const late = [
    ...first,
    role(1_000, 'draining', 1),
    taken(3_000, 2),
    role(3_010, 'fenced', 1),
    role(5_600, 'active', 2),
  ];
  expect(handOversIn(late)).toMatchObject([
    { drained: false, handOverMs: 4_600, drainMs: 2_000, fenceMs: 0, activateMs: 2_600 },
  ]);
});

it('reads the lines in the order of their times, whichever process logged them first', () => {
  const back = [role(2_000, 'draining', 2), taken(4_000, 3), role(4_000, 'activating', 3), role(6_600, 'active', 3)];
  const lines = [...first, ...swap, ...back];
  expect(handOversIn(lines.toReversed())).toEqual(handOversIn(lines));
  // The release of the swap before is none of this one.
  expect(handOversIn(lines).map(({ epoch, drained }) => [epoch, drained])).toEqual([
    [2, true],
    [3, false],
  ]);
});
