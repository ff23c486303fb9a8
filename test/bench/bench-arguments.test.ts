import { expect, it } from 'vitest';
import { parseBenchArguments } from './bench-arguments.ts';

const benches = {
  intent: {},
  hop: { options: { n: { type: 'string' }, over: { type: 'string', multiple: true } } },
} as const;

it.each<[string[], object]>([
  [['intent'], { kind: 'run', names: ['intent'], json: false, values: {} }],
  [['--json', 'hop'], { kind: 'run', names: ['hop'], json: true, values: {} }],
  [
    ['hop', '--n', '5', '--over', 'a', '--over', 'b'],
    { kind: 'run', names: ['hop'], json: false, values: { n: '5', over: ['a', 'b'] } },
  ],
  [['hop', 'intent', '--json'], { kind: 'run', names: ['hop', 'intent'], json: true, values: {} }],
  [['--help'], { kind: 'help' }],
  [['nothing', '-h'], { kind: 'help' }],
])('reads %j', (args, expected) => {
  expect(parseBenchArguments(args, benches)).toEqual(expected);
});

it.each<[string[], RegExp]>([
  [[], /^name a bench; benches: intent, hop$/],
  [['drain'], /^no bench drain; benches: intent, hop$/],
  [['hop', 'drain'], /^no bench drain; benches: intent, hop$/],
  [['hop', 'intent', 'hop'], /^bench hop is named twice$/],
  [['hop', 'intent', '--n', '5'], /^bench intent has no option --n$/],
  [['intent', '--jsno'], /--jsno/],
  [['intent', '--n', '5'], /^bench intent has no option --n$/],
])('rejects %j and says what is wrong', (args, message) => {
  expect(parseBenchArguments(args, benches)).toEqual({ kind: 'error', message: expect.stringMatching(message) });
});
