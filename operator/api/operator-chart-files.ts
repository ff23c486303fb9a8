import { CATALOGUE, platformSecretOf } from '../../services/shared/contracts/catalogue.ts';

/** Secrets of the platform chart that the operator's role names. */
export function platformSecretNames(): readonly string[] {
  const stores = new Set<string>(['redis', 'postgres']);
  return CATALOGUE.filter(({ peers }) => peers.some((peer) => stores.has(peer))).map(({ name }) =>
    platformSecretOf(name),
  );
}

/** Ports that the operator asks for `/statusz`. */
export function servicePorts(): readonly number[] {
  return CATALOGUE.map(({ port }) => port);
}
