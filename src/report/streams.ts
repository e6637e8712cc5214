/** How much a text matters, to whoever reads the journal of many services. */
export type Level = 'error' | 'warning' | 'info' | 'debug';

/** Where text goes; both take whole lines. The level is for the journal, and for nobody else. */
export interface Streams {
  readonly out: (text: string, level?: Level) => void;
  readonly err: (text: string, level?: Level) => void;
}
