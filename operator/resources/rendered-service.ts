import type { CatalogueRow } from '../../services/shared/contracts/catalogue.ts';

/** What the builders take of one service of a release. */
export interface RenderedService {
  readonly row: CatalogueRow;
  readonly replicas: number;
  /** Service hash, which every pod of the service must report. */
  readonly hash: string;
  /** Name of the ConfigMap. */
  readonly settingsMap: string;
  /** Settings document as mounted, in JSON. */
  readonly settings: string;
}
