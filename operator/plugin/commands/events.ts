import { EXIT } from '../call/exit-code.ts';
import { isGiven, valueOf, type Command } from '../call/command.ts';
import { OUTPUT } from '../call/flags.ts';
import { wholeNumber } from '../call/values.ts';
import { knownOr } from '../cluster/attempt.ts';
import { readEvents } from '../cluster/read-events.ts';
import { stackName } from '../cluster/read-stack.ts';
import { documentText } from '../text/document.ts';
import { wrap } from '../text/layout.ts';
import { duration } from '../view/age.ts';

export const events: Command = {
  name: 'events',
  summary: 'List what happened to a stack and its objects, the newest last.',
  description:
    'Lists the events of a stack and of the objects that it owns, the newest last. The API server keeps\n' +
    'events for an hour by default; older ones are in the log of the operator.',
  argument: { kind: 'stack', name: 'STACK' },
  flags: [
    OUTPUT,
    { name: 'limit', value: 'NUMBER', help: 'The newest so many. Default: 40.' },
    { name: 'all', help: 'Those of the whole namespace, with its Redis and Postgres.' },
  ],
  examples: ['events -n trading', 'events -n trading --all --limit 200'],
  run: async (call, { open, clock, terminal }) => {
    const limit = wholeNumber(call, 'limit', { min: 1, max: 10_000, fallback: 40 });
    const cluster = open(call.flags);
    const read = knownOr(
      await readEvents(cluster, isGiven(call, 'all') ? undefined : await stackName(cluster, call.argument)),
    );
    const shown = read.slice(-limit);
    const format = valueOf(call, 'output');
    if (format !== undefined) {
      terminal.out(
        documentText(
          shown.map(({ atMs, ...event }) => ({ at: new Date(atMs).toISOString(), ...event })),
          format,
        ),
      );
      return EXIT.ok;
    }
    const nowMs = clock.nowMs();
    const { columns, style } = terminal;
    for (const { atMs, type, reason, object, message, count } of shown) {
      const head = duration(nowMs - atMs).padEnd(7);
      const times = count > 1 ? ` (${count} times)` : '';
      const text = wrap(`${reason}  ${object}  ${message}${times}`, columns, { indent: head.length });
      terminal.out(`${head}${type === 'Warning' ? style.warn(text) : text}`);
    }
    if (shown.length === 0) terminal.note('No events: the API server keeps them for an hour by default.');
    return EXIT.ok;
  },
};
