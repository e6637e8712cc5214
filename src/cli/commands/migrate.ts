import { migrateState } from '../../app/migrate.ts';
import { hostPath } from '../../model/ids.ts';
import type { MigrateOptions } from '../options.ts';
import { schemaReference } from '../schema-reference.ts';
import { openSession, type Session } from '../session.ts';
import { writeState } from '../write-state.ts';

/** `bootstrap migrate [-o FILE]`: writes the desired state that describes an installation of the old tool; exit 1 where something of it could not be read. */
export async function migrate(options: MigrateOptions): Promise<number> {
  const session = openSession(options);
  const { host, site, runId, streams, json, text } = session;
  const file = fileFor(session, options.output);
  const schema = schemaReference(host.files);
  const exitCode = await writeState(
    session,
    { file, force: options.force },
    async () => await migrateState(host, { site, runId, schema }),
  );
  if (exitCode === 0 && file !== undefined && !json && !text.quiet)
    streams.out(`Wrote ${file}.\nNext: look with bootstrap plan -f ${file}\n`);
  return exitCode;
}

function fileFor({ site }: Session, output: string | undefined): string | undefined {
  if (output === '-') return undefined;
  return output ?? hostPath(site.root, '/etc/bootstrap/desired-state.yaml');
}
