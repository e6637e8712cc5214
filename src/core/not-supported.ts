import type {
  DesiredDocument,
  DocumentPath,
  HeartbeatDocument,
  ProductDocument,
} from '../model/document.ts';
import { isList, showPath } from '../model/document.ts';
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
    what: 'restarting a dead product is',
    find: inProducts(inHeartbeats((beat) => (beat.restart === true ? ['restart'] : []))),
  },
];

type InProduct = (product: ProductDocument) => readonly DocumentPath[];

function inProducts(find: InProduct): Feature['find'] {
  return ({ products = {} }) =>
    Object.entries(products).flatMap(([name, product]) =>
      find(product).map((path) => ['products', name, ...path]),
    );
}

function inHeartbeats(find: (heartbeat: HeartbeatDocument) => readonly string[]): InProduct {
  return ({ heartbeat = [] }) =>
    isList(heartbeat)
      ? heartbeat.flatMap((each, index) => find(each).map((key) => ['heartbeat', index, key]))
      : find(heartbeat).map((key) => ['heartbeat', key]);
}
