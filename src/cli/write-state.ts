import type { Exported } from '../app/export.ts';
import { exportWarnings, unreadableFacts } from '../core/render/export-nodes.ts';
import { renderFailure } from '../core/render/failure-text.ts';
import { EXIT_CODE, type Failure } from '../model/failure.ts';
import type { Result } from '../model/result.ts';
import { failWith } from './failing.ts';
import { outputPath } from './output-path.ts';
import type { Session } from './session.ts';

// For its owner only: a config file may have kept from others what is read back from it.
const FILE_BITS = 0o600;

/** Where a desired state goes. */
export interface StateTarget {
  /** As the command line names it, and as messages show it; undefined: to stdout. */
  readonly file: string | undefined;
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
  const path = outputPath(files, file);
  if (!path.ok) return failWith(session, path.error);
  // What cannot be looked at may be there.
  if (path.value !== undefined && !force && files.inspect(path.value).kind !== 'absent')
    return failWith(session, { code: 'file-exists', paths: [file ?? path.value], by: 'export' });
  const exported = await make();
  if (!exported.ok) return failWith(session, exported.error);
  const text = session.json ? exported.value.json : exported.value.text;
  if (path.value === undefined) {
    session.streams.out(text);
  } else {
    const written = files.replace(path.value, text, { modeBits: FILE_BITS });
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
