import { expect, it } from 'vitest';
import { nextSteps } from './next-steps.ts';

const place = { namespace: 'trading', name: 'demo' };

it('shows how to inspect the local cluster, and how to stop it', () => {
  const text = nextSteps({}, place);
  expect(text).toContain('  npm run cluster -- shell  ');
  expect(text).toContain('\n  kubectl -n trading get tradingstack -o wide --watch  ');
  expect(text).toContain('  npm run stop  ');
  // The active colour changes with every rollout of execution, so a Deployment cannot be named.
  expect(text).toContain('\n  kubectl -n trading logs -f -l tradingstack.dev/service=execution  ');
  expect(text).not.toContain('--context');
});

it('keeps the selected context in every command', () => {
  const commands = nextSteps({ context: 'my cluster' }, place)
    .split('\n')
    .filter((line) => line.startsWith('  '));
  expect(commands).toHaveLength(7);
  for (const command of commands) expect(command).toContain(" --context 'my cluster'");
  expect(commands[4]).toMatch(/^ {2}npm run stop -- --delete --context 'my cluster' +delete the stack/);
});

it('keeps the selected kind of cluster', () => {
  const text = nextSteps({ cluster: 'embedded' }, place);
  expect(text).toContain('  npm run cluster -- shell --cluster embedded  ');
  expect(text).toContain('  npm run stop -- --cluster embedded  ');
});

it('reports that a halted stack does not trade, and how to resume trading', () => {
  expect(nextSteps({}, place)).toContain(`To halt trading:\n  kubectl -n trading patch`);
  const text = nextSteps({}, { ...place, halted: true });
  expect(text).toContain('HALTED: no new orders are sent');
  expect(text).toContain(`'{"spec":{"halt":false}}'`);
});

it.each([
  [false, 'A halt sells no position. To sell every position, and then halt:'],
  [true, 'While it is halted, no position is sold. To sell every position once the halt is lifted:'],
])('shows how to sell every position, and that a halt does not (halted: %s)', (halted, line) => {
  const command = `kubectl -n trading patch tradingstack demo --type merge -p '{"spec":{"flatten":true}}'`;
  expect(nextSteps({}, { ...place, halted })).toContain(`${line}\n  ${command}\n`);
});

it('keeps the selected context in the commands that halt and sell', () => {
  const text = nextSteps({ context: 'mine' }, place);
  expect(text.match(/kubectl --context mine -n trading patch tradingstack demo/g)).toHaveLength(2);
});
