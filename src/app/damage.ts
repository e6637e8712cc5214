import type { Files } from '../host/host.ts';
import type { Ailment } from '../model/ailment.ts';
import { valueOf, type Fact } from '../model/fact.ts';
import type { HostPath } from '../model/ids.ts';
import { parseJsonObject } from '../model/json-object.ts';

/** How the reason begins why a file may not be read. */
const DENIED = 'permission denied';

/**
 * What is wrong with a file that cannot be read, and that it may be set aside; [] where it can be. One of a newer bootstrap is whole, and
 * not ours to move, and so may one be that only others may read.
 */
export function damaged(
  path: HostPath,
  fact: Fact<unknown>,
  { isWhole, after }: { readonly isWhole: boolean; readonly after: string },
): readonly Ailment[] {
  if (fact.kind !== 'unreadable') return [];
  const what = reasonAlone(path, fact.why);
  if (what.startsWith(DENIED))
    return [{ about: path, what, remedy: 'look as root', repair: undefined }];
  const repair = isWhole ? undefined : { setAside: path, after };
  const remedy = isWhole ? 'use the bootstrap that wrote it' : `set it aside; ${after}`;
  return [{ about: path, what, remedy, repair }];
}

/** Why a file cannot be read, for words that name it already. */
export function reasonAlone(path: HostPath, why: string): string {
  if (!why.startsWith(path)) return why;
  const [, line, rest = ''] = /^(?::(\d+))?:?\s*(.*)$/s.exec(why.slice(path.length)) ?? [];
  return line === undefined ? rest : `line ${line}: ${rest}`;
}

/** True for a file that holds JSON and says of which format, whatever that is. */
export function saysFormat(files: Pick<Files, 'read'>, path: HostPath): boolean {
  const text = valueOf(files.read(path));
  return text !== undefined && typeof parseJsonObject(text)?.['schema'] === 'string';
}

/** True where `readStateFile` refused a file that is whole: a newer bootstrap wrote it. */
export function isOfAnotherFormat(why: string): boolean {
  return why.startsWith('its format');
}
