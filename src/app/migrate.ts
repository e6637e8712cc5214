import type { Askable } from '../core/generated-heartbeat.ts';
import { draftMigration } from '../core/migration.ts';
import type { Files, Host } from '../host/host.ts';
import { valueOf } from '../model/fact.ts';
import type { Failure } from '../model/failure.ts';
import { hostPath } from '../model/ids.ts';
import type { Result } from '../model/result.ts';
import { exportState, type Exported, type ExportRequest } from './export.ts';

/** A desired state that describes what the old tool left on this server, for whoever drove it so far. Changes nothing, takes no lock. */
export async function migrateState(
  host: Host,
  request: Omit<ExportRequest, 'draft'>,
): Promise<Result<Exported, Failure>> {
  const askable = whatCanBeAsked(host.files, request.site.root);
  return await exportState(host, {
    ...request,
    draft: (definition, actual) => draftMigration(definition, actual, askable),
  });
}

const MONIT_CONTROL_FILE = '/etc/monit/monitrc';

function whatCanBeAsked(files: Pick<Files, 'inspect' | 'read'>, root: string): Askable {
  return {
    hasMonit: files.inspect(hostPath(root, MONIT_CONTROL_FILE)).kind === 'known',
    initScript(service) {
      const path = hostPath(root, `/etc/init.d/${service}`);
      const text = valueOf(files.read(path)) ?? '';
      // A script that does not know the word may do anything when it is asked.
      return /\bstatus\b/.test(text) ? path : undefined;
    },
  };
}
