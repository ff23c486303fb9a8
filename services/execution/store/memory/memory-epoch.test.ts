import { epochContract } from '../epoch-contract.ts';
import { MemoryEpoch } from './memory-epoch.ts';

epochContract('MemoryEpoch', async () => {
  const epoch = new MemoryEpoch();
  return await Promise.resolve([epoch, epoch]);
});
