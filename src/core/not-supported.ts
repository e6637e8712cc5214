import { showPath, type DesiredDocument, type DocumentPath } from '../model/document.ts';
import type { Finding } from './finding.ts';

/** What the format of the desired state has and this version does not do yet: refused, for ignoring it would break a promise. */
export function findUnsupported(document: DesiredDocument): readonly Finding[] {
  return NOT_YET.flatMap(({ what, find }) =>
    find(document).map((path): Finding => ({
      code: 'not-supported-yet',
      path,
      part: 'key',
      summary: `${showPath(path)}: ${what} not supported yet`,
      fix: 'remove it, or wait for a version of bootstrap that does it',
    })),
  );
}

interface Feature {
  /** As in "… not supported yet". */
  readonly what: string;
  readonly find: (document: DesiredDocument) => readonly DocumentPath[];
}

const NOT_YET: readonly Feature[] = [
  {
    what: 'a callback format other than "query" is',
    find: ({ callbacks = [] }) =>
      callbacks.flatMap(({ format }, index) =>
        format === 'query' ? [] : [['callbacks', index, ...(format ? ['format'] : [])]],
      ),
  },
];
