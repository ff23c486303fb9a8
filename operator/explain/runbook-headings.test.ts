import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { REASON_GROUPS } from '../../services/shared/contracts/reasons.ts';
import { GATE_MEANINGS } from './gate-meanings.ts';

const ROOT = join(import.meta.dirname, '../..');
const RUNBOOK = readFileSync(join(ROOT, 'docs/runbook.md'), 'utf8');
const HEADINGS = new Set([...RUNBOOK.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading));

/** A heading in quotes, where a text of the runbook sends its reader. Names of checks begin with a small letter. */
const NAMED = /\b(?:[Ss]ee|of|in|as|under|use|and|to|or|table) "([A-Z][^"]+)"/g;
/** A heading in quotes beside the name of the file. */
const BESIDE =
  /"([A-Z][^"]+)" in (?:\[[^\]]*\]\()?docs\/runbook\.md|runbook\.md(?:\)?,| describes under| under)? "([A-Z][^"]+)"/g;
const ANCHOR = /runbook\.md#([a-z0-9-]+)/g;

/** In one line, without comment marks of TypeScript, quotes of strings that are joined, and code of the runbook. */
function flat(text: string): string {
  return text
    .replaceAll(/^ *```[\s\S]*?^ *```/gm, '')
    .replaceAll(/\n *(?:\*|\/\/) /g, ' ')
    .replaceAll(/' \+\s*'/g, '')
    .replaceAll(/\s+/g, ' ');
}

function named(text: string, pattern: RegExp): readonly string[] {
  return [...flat(text).matchAll(pattern)].map(([, first, second]) => first ?? second ?? '');
}

const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-');

describe('headings of the runbook', () => {
  it('are what reasons and gates send their reader to', () => {
    const reasons = REASON_GROUPS.flatMap(({ reasons: group }) => Object.values(group));
    const texts = [
      ...reasons.flatMap(({ meaning, remedy }) => [meaning, remedy]),
      ...Object.values(GATE_MEANINGS).flatMap(({ checks, firstLook }) => [checks, firstLook]),
    ];
    const found = texts.flatMap((text) => named(text, NAMED));
    expect(found).toContain('A position is not closed');
    expect(found.filter((heading) => !HEADINGS.has(heading))).toEqual([]);
  });

  it('are what the runbook sends its reader to', () => {
    const found = named(RUNBOOK, NAMED);
    expect(found.length).toBeGreaterThan(100);
    expect(found.filter((heading) => !HEADINGS.has(heading))).toEqual([]);
  });

  it('are what programs and the other documents send their reader to', () => {
    const files = globSync(['*.md', 'docs/*.md', 'charts/**/*.{md,txt,yaml}', '{operator,services}/**/*.{ts,md}'], {
      cwd: ROOT,
    });
    const texts = files.map((file) => ({ file, text: readFileSync(join(ROOT, file), 'utf8') }));
    const found = texts.flatMap(({ file, text }) => named(text, BESIDE).map((heading) => ({ file, heading })));
    expect(found.map(({ file }) => file)).toContain('services/execution/halt/lines.ts');
    expect(found.filter(({ heading }) => !HEADINGS.has(heading))).toEqual([]);
    const anchors = new Set([...HEADINGS].map(anchorOf));
    const linked = texts.flatMap(({ file, text }) => named(text, ANCHOR).map((anchor) => ({ file, anchor })));
    expect(linked.length).toBeGreaterThan(0);
    expect(linked.filter(({ anchor }) => !anchors.has(anchor))).toEqual([]);
  });
});
