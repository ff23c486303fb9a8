import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createStateJournal } from './state-journal.ts';
import type { JournaledState, StateJournal } from './trading-states.ts';

let folder: string;
let path: string;
let lines: string[];
const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
const state = { source: 'spec', state: 'Halted', author: 'ada', reason: 'x', revision: 3, sinceMs: 7 } as const;
const halt: JournaledState = { ...state, saved: true };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'journal-'));
  path = join(folder, 'states.json');
  lines = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

function create(at = path): StateJournal {
  return createStateJournal({ path: at, stack: 'demo', log });
}

it('reads what a former process wrote last', async () => {
  const journal = create();
  expect(journal.read()).toEqual([]);
  await Promise.all([journal.write([]), journal.write([{ ...halt, revision: 2 }]), journal.write([halt])]);
  expect(create().read()).toEqual([halt]);
  expect(lines).toEqual([]);
});

it('takes a state as unsaved that does not say whether the record has it', () => {
  writeFileSync(path, JSON.stringify({ stack: 'demo', states: [state] }));
  expect(create().read()).toEqual([{ ...state, saved: false }]);
});

it('reports a state that cannot be read, and keeps the others', async () => {
  await create().write([halt]);
  const { states } = JSON.parse(readFileSync(path, 'utf8')) as { readonly states: readonly unknown[] };
  writeFileSync(path, JSON.stringify({ stack: 'demo', states: [{ ...halt, state: 'Paused' }, ...states] }));
  expect(create().read()).toEqual([halt]);
  expect(lines).toEqual([expect.stringContaining('journaled state cannot be read')]);
});

it.each(['', '{', '[]', '{"stack":"demo"}', '{"stack":"other","states":[]}'])(
  'reports a file with %j and counts it as empty, so that the process starts',
  (text) => {
    writeFileSync(path, text);
    expect(create().read()).toEqual([]);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('journal of trading states cannot be read');
  },
);

it('keeps the former file until the new one is complete', async () => {
  const journal = create();
  await journal.write([]);
  const former = openSync(path, 'r');
  await journal.write([halt]);
  // A file that was replaced still has its content; one that was rewritten has lost it.
  expect(readFileSync(former, 'utf8')).toBe('{"stack":"demo","states":[]}');
  closeSync(former);
  const broken = create(join(folder, 'missing', 'states.json'));
  await expect(broken.write([])).rejects.toThrow('ENOENT');
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ stack: 'demo', states: [halt] });
});
