import { expect, it } from 'vitest';
import { CATALOGUE, senderRow } from '../../../../services/shared/contracts/catalogue.ts';
import { colourOf, workloadsOf } from './colours.ts';

it('gives the sender one workload per colour', () => {
  expect(workloadsOf('demo', senderRow())).toEqual([
    { name: 'demo-execution-blue', podLabels: { 'tradingstack.dev/colour': 'blue' } },
  ]);
});

it.each(CATALOGUE.filter(({ update }) => update !== 'Fenced'))('gives $name one workload of its name', (row) => {
  expect(workloadsOf('demo', row)).toEqual([{ name: `demo-${row.name}`, podLabels: {} }]);
});

it.each([
  ['its label', { 'tradingstack.dev/colour': 'blue' }],
  ['the first colour if the label is unknown', { 'tradingstack.dev/colour': 'red' }],
  ['the first colour without a label', {}],
])('returns the colour of a pod: %s', (_what, labels) => {
  expect(colourOf({ labels })).toBe('blue');
});
