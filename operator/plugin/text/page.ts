import type { Style } from './style.ts';

/** What a text is laid out for. */
export interface Page {
  readonly columns: number;
  readonly style: Style;
}
