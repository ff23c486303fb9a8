import { expect, it } from 'vitest';
import { catalogueRow } from '../../services/shared/contracts/catalogue.ts';
import { podUrl } from './pod-target.ts';

it('writes the address of a pod as the host of a URL', () => {
  const { port } = catalogueRow('ws');
  expect(podUrl({ ip: '10.0.0.1', service: 'ws' }, '/statusz')).toBe(`http://10.0.0.1:${port}/statusz`);
  expect(podUrl({ ip: 'fd00::1', service: 'ws' }, '/statusz')).toBe(`http://[fd00::1]:${port}/statusz`);
});
