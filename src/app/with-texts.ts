import type { Host } from '../host/host.ts';
import type { Fact } from '../model/fact.ts';
import type { HostPath } from '../model/ids.ts';

/** The same machine, on which these paths read as these texts, whatever stands there. */
export function withTexts(host: Host, texts: ReadonlyMap<HostPath, Fact<string>>): Host {
  const read: Host['files']['read'] = (path) => texts.get(path) ?? host.files.read(path);
  const readRare: typeof read = (path) => texts.get(path) ?? host.files.readRare(path);
  return { ...host, files: { ...host.files, read, readRare } };
}
