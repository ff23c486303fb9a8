import { CATALOGUE, platformSecretOf } from '../../services/shared/contracts/catalogue.ts';

/** Secrets of the platform chart that the operator's role names. */
export function platformSecretNames(): readonly string[] {
  const stores: readonly string[] = ['redis', 'postgres'];
  return CATALOGUE.filter(({ peers }) => peers.some((peer) => stores.includes(peer))).map(({ name }) =>
    platformSecretOf(name),
  );
}

/** Ports that the operator asks for `/statusz`; a job is asked nothing. */
export function servicePorts(): readonly number[] {
  return CATALOGUE.filter(({ update }) => update !== 'Job').map(({ port }) => port);
}
