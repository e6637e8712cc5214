import { readIniSections } from '../format/ini-sections.ts';
import type { Files } from '../host/host.ts';
import type { Failure } from '../model/failure.ts';
import type { HostPath } from '../model/ids.ts';
import { err, ok, type Result } from '../model/result.ts';

/** The keys of [bootstrap] in a bootstrap.ini, those that only the old tool knew too; none where there is no such section. */
export function readServerKeys(
  files: Pick<Files, 'read'>,
  { shown, path }: { readonly shown: string; readonly path: HostPath },
): Result<ReadonlyMap<string, string>, Failure> {
  const text = files.read(path);
  if (text.kind === 'absent') return err({ code: 'definition-missing', path: shown });
  if (text.kind === 'unreadable')
    return err({ code: 'file-unusable', path: shown, why: text.why, what: 'read' });
  const sections = readIniSections(text.value, shown);
  if (!sections.ok) return err({ code: 'definition-invalid', diagnostics: sections.error });
  const section = sections.value.find(({ name }) => name === 'bootstrap');
  return ok(new Map(section?.entries.map(({ key, value }) => [key, value])));
}
