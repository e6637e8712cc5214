import type { Route } from './route.ts';

/** A text that is made when it is asked for. */
export interface TextSource {
  readonly path: string;
  /** Its media type. */
  readonly type: string;
  readonly text: () => string;
}

/** `GET` of a text. */
export function textRoute({ path, type, text }: TextSource): Route {
  return {
    method: 'GET',
    path,
    answer: () => ({ kind: 'text', status: 200, type, text: text() }),
  };
}
