import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stringify } from 'yaml';
import { platformServicesFile } from '../../services/shared/contracts/chart-files.ts';
import { tradingStackCrd } from './trading-stack-crd.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const HEADER = '# Generated from operator/api by `npm run generate`; never edited.\n';

/** Writes every generated file, or with `--check` compares them with what they would be and fails on a difference. */
function generate(check: boolean): number {
  const stale = generatedFiles().filter(({ file, text }) => {
    const target = path.join(ROOT, file);
    if (read(target) === text) return false;
    if (!check) {
      mkdirSync(path.dirname(target), { recursive: true });
      writeFileSync(target, text);
    }
    return true;
  });
  for (const { file } of stale) {
    process.stdout.write(check ? `${file} is out of date: run npm run generate\n` : `wrote ${file}\n`);
  }
  return check && stale.length > 0 ? 1 : 0;
}

interface GeneratedFile {
  readonly file: string;
  readonly text: string;
}

function generatedFiles(): readonly GeneratedFile[] {
  const crd = HEADER + stringify(tradingStackCrd(), { lineWidth: 0, aliasDuplicateObjects: false });
  return [
    { file: 'crds/tradingstacks.tradingstack.dev.yaml', text: crd },
    // A chart cannot read above its own folder; a template would evaluate braces in descriptions, so this is raw data.
    { file: 'charts/operator/files/tradingstacks.tradingstack.dev.yaml', text: crd },
    { file: 'charts/platform/files/services.json', text: platformServicesFile() },
  ];
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

process.exitCode = generate(process.argv.includes('--check'));
