import { exportState } from '../../app/export.ts';
import { draftExport } from '../../core/export.ts';
import type { ExportOptions } from '../options.ts';
import { schemaReference } from '../schema-reference.ts';
import { openSession } from '../session.ts';
import { writeState } from '../write-state.ts';

/** `bootstrap export [-o FILE]`: writes a desired state of what is on the server; exit 1 where something of it could not be read. */
export async function exportCommand(options: ExportOptions): Promise<number> {
  const session = openSession(options);
  const { host, site, runId } = session;
  const { output, force } = options;
  const file = output === '-' ? undefined : output;
  const schema = schemaReference(host.files);
  return await writeState(
    session,
    { file, force },
    async () => await exportState(host, { site, runId, schema, draft: draftExport }),
  );
}
