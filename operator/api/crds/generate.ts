import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stringify } from 'yaml';
import { platformSecretNames, servicePorts } from '../../../services/shared/contracts/catalogue.ts';
import { platformServicesFile } from './platform-chart-files.ts';
import { tradingStackCrd } from './trading-stack-crd.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');
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
  const crd = tradingStackCrd();
  const { metadata } = crd;
  // Uninstalling the chart would delete every stack with the CRD.
  const kept = { ...crd, metadata: { ...(metadata as object), annotations: { 'helm.sh/resource-policy': 'keep' } } };
  return [
    { file: 'crds/tradingstacks.tradingstack.dev.yaml', text: yaml(crd) },
    // A chart cannot read above its own folder, and a template would evaluate braces: these are raw files of the chart.
    { file: 'charts/operator/files/tradingstacks.tradingstack.dev.yaml', text: yaml(kept) },
    { file: 'charts/operator/files/platform-secrets.yaml', text: yaml(platformSecretNames()) },
    { file: 'charts/operator/files/service-ports.yaml', text: yaml(servicePorts()) },
    { file: 'charts/platform/files/services.json', text: platformServicesFile() },
  ];
}

function yaml(value: unknown): string {
  return HEADER + stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

process.exitCode = generate(process.argv.includes('--check'));
