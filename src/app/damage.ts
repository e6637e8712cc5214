import type { Files } from '../host/host.ts';
import type { Ailment } from '../model/ailment.ts';
import { valueOf, type Fact } from '../model/fact.ts';
import type { HostPath } from '../model/ids.ts';

/** What is wrong with a file that cannot be read, and that it may be set aside; [] where it can be. One of a newer bootstrap is whole, and not ours to move. */
export function damaged(
  path: HostPath,
  fact: Fact<unknown>,
  { isJson: isWhole, after }: { readonly isJson: boolean; readonly after: string },
): readonly Ailment[] {
  if (fact.kind !== 'unreadable') return [];
  const repair = isWhole ? undefined : { setAside: path, after };
  const remedy = isWhole ? 'use the bootstrap that wrote it' : `set it aside; ${after}`;
  // It is named already.
  const isNamed = fact.why.startsWith(path);
  const what = isNamed ? fact.why.slice(path.length).replace(/^:? /, '') : fact.why;
  return [{ about: path, what, remedy, repair }];
}

/** True for a file that holds JSON, of whatever format. */
export function isJson(files: Pick<Files, 'read'>, path: HostPath): boolean {
  const text = valueOf(files.read(path));
  try {
    return text !== undefined && JSON.parse(text) !== undefined;
  } catch {
    return false;
  }
}
