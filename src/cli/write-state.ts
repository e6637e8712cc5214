import type { Exported } from '../app/export.ts';
import { exportWarnings, unreadableFacts } from '../core/render/export-nodes.ts';
import { renderFailure } from '../core/render/failure-text.ts';
import type { NamedFile } from '../app/site.ts';
import { EXIT_CODE, type Failure } from '../model/failure.ts';
import { folderOf } from '../model/layout.ts';
import type { Result } from '../model/result.ts';
import { failWith } from './failing.ts';
import type { Session } from './session.ts';

// For its owner only: a config file may have kept from others what is read back from it.
const FILE_BITS = 0o600;

/** Where a desired state goes. */
export interface StateTarget {
  /** Undefined: to stdout. */
  readonly file: NamedFile | undefined;
  /** A file that is there is written over. */
  readonly force: boolean;
}

/** Writes a desired state that describes the server, and warns of what is not in it; exit 1 where something could not be read. */
export async function writeState(
  session: Session,
  { file, force }: StateTarget,
  make: () => Promise<Result<Exported, Failure>>,
): Promise<number> {
  const { files } = session.host;
  // What cannot be looked at may be there.
  if (file !== undefined && !force && files.inspect(file.path).kind !== 'absent')
    return failWith(session, { code: 'file-exists', paths: [file.shown], by: 'export' });
  const exported = await make();
  if (!exported.ok) return failWith(session, exported.error);
  const text = session.json ? exported.value.json : exported.value.text;
  if (file === undefined) {
    session.streams.out(text);
  } else {
    const folder = files.makeFolder(folderOf(file.path));
    const written = folder.ok ? files.replace(file.path, text, { modeBits: FILE_BITS }) : folder;
    if (!written.ok) return failWith(session, written.error);
  }
  return warn(session, exported.value);
}

// On stderr whatever the format: stdout is the file's.
function warn({ streams, text }: Session, { server }: Exported): number {
  for (const warning of exportWarnings(server))
    streams.err(text.palette.warn(`warning: ${warning}`) + '\n');
  const facts = unreadableFacts(server);
  if (facts.length === 0) return 0;
  const failure: Failure = { code: 'facts-unreadable', facts };
  streams.err(renderFailure(failure, text), 'error');
  return EXIT_CODE[failure.code];
}
