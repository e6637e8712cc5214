import { resolve } from 'node:path';
import { exportState, type Exported } from '../../app/export.ts';
import { exportWarnings, unreadableFacts } from '../../core/render/export-nodes.ts';
import { renderFailure } from '../../core/render/failure-text.ts';
import { EXIT_CODE, type Failure } from '../../model/failure.ts';
import { hostPath } from '../../model/ids.ts';
import { failWith } from '../failing.ts';
import type { ExportOptions } from '../options.ts';
import { schemaReference } from '../schema-reference.ts';
import { openSession, type Session } from '../session.ts';

// For its owner only: a config file may have kept from others what is read back from it.
const FILE_BITS = 0o600;

/** `bootstrap export [-o FILE]`: writes a desired state of what is on the server; exit 1 where something of it could not be read. */
export async function exportCommand(options: ExportOptions): Promise<number> {
  const session = openSession(options);
  const { host, site, runId } = session;
  const path = options.output === '-' ? undefined : hostPath('', resolve(options.output));
  // What cannot be looked at may be there.
  if (path !== undefined && !options.force && host.files.inspect(path).kind !== 'absent')
    return failWith(session, { code: 'file-exists', paths: [options.output], by: 'export' });
  const exported = await exportState(host, { site, runId, schema: schemaReference(host.files) });
  if (!exported.ok) return failWith(session, exported.error);
  const text = session.json ? exported.value.json : exported.value.text;
  if (path === undefined) {
    session.streams.out(text);
  } else {
    const written = host.files.replace(path, text, { modeBits: FILE_BITS });
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
