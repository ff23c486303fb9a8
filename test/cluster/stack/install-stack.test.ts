import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { apiServerPorts, renderSample, sampleStack } from './install-stack.ts';

it('puts the built release into the sample and leaves the rest alone', () => {
  const yaml = readFileSync(join(import.meta.dirname, '../../../manifests/samples/paper.yaml'), 'utf8');
  const documents = renderSample(yaml, { reference: 'registry/tradingstack@sha256:ab', version: '1.2.3' })
    .split('\n---\n')
    .map((text) => JSON.parse(text) as { kind: string; metadata: object; spec?: { release: object; mode: string } });
  const stack = documents.find(({ kind }) => kind === 'TradingStack');
  expect(stack?.spec).toMatchObject({
    mode: 'Paper',
    release: { image: 'registry/tradingstack@sha256:ab', version: '1.2.3' },
  });
  expect(stack?.metadata).toMatchObject(sampleStack);
});

it('opens 443 and the port of the API server, each once', async () => {
  const answering = (ports: string) => ({ kubectl: () => Promise.resolve(ports) });
  expect(await apiServerPorts(answering('7443 7443'))).toEqual([443, 7443]);
  expect(await apiServerPorts(answering('443'))).toEqual([443]);
});
