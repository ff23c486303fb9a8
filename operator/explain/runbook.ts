import { CONDITION_TYPES } from '../api/v1alpha1/conditions.ts';
import { REASON_GROUPS } from '../../services/shared/contracts/reasons.ts';
import { GATE_MEANINGS } from './gate-meanings.ts';

type Row = readonly string[];

/** Tables of the runbook by the name in their markers. */
export function runbookTables(): ReadonlyMap<string, string> {
  const gates = Object.entries(GATE_MEANINGS).map(([gate, { checks, firstLook }]) => [gate, checks, firstLook]);
  const conditions = Object.entries(CONDITION_TYPES).map(([type, meaning]) => [type, meaning]);
  const reasons = REASON_GROUPS.map(({ title, reasons: group }) => {
    const rows = Object.entries(group).map(([reason, { meaning, remedy }]) => [`\`${reason}\``, meaning, remedy]);
    return `### ${title}\n\n${table(['reason', 'meaning', 'remedy'], rows)}`;
  });
  return new Map([
    ['gates', table(['gate', 'checks', 'first look'], gates)],
    ['conditions', table(['condition', 'True means'], conditions)],
    ['reasons', reasons.join('\n\n')],
  ]);
}

/**
 * Replaces the text between `<!-- generated: NAME -->` and `<!-- end: NAME -->` by the table of that name. Throws when
 * a table has no place in the text, or a marker no table.
 */
export function withTables(text: string, tables = runbookTables()): string {
  const placed = new Set<string>();
  const result = text.replaceAll(
    /(<!-- generated: ([a-z]+) -->)[\s\S]*?(<!-- end: \2 -->)/g,
    (_match, start: string, name: string, end: string) => {
      const replacement = tables.get(name);
      if (replacement === undefined) throw new Error(`no table is called ${name}`);
      placed.add(name);
      return `${start}\n\n${replacement}\n\n${end}`;
    },
  );
  const missing = [...tables.keys()].filter((name) => !placed.has(name));
  if (missing.length > 0) throw new Error(`no place for the tables ${missing.join(', ')}`);
  return result;
}

/** A Markdown table with its columns aligned, as the formatter writes it. */
function table(header: Row, rows: readonly Row[]): string {
  const widths = header.map((_, column) => Math.max(...[header, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (row: Row): string => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(header), rule, ...rows.map(line)].join('\n');
}
