import { refuseFile } from '../actual/trust.ts';
import type { Host } from '../host/host.ts';
import type { RunId } from '../model/ids.ts';
import { readGit, type GitRequest } from '../source/git.ts';
import { readTrust } from './trust-record.ts';
import type { Source } from './watch-look.ts';

/** Which ref of which repository, and how. */
export interface GitSourceRequest extends Omit<GitRequest, 'runId' | 'since'> {
  readonly newRunId: () => RunId;
}

/** A git repository as a source: what it says now, if that follows what was applied last. */
export function gitSource(host: Host, { newRunId, ...request }: GitSourceRequest): Source {
  return {
    read: async (signal) => {
      const floor = readTrust(host.files, request.root);
      if (!floor.ok) return floor;
      return await readGit(
        host,
        { ...request, runId: newRunId(), since: floor.value?.commit },
        { signal, refuseFile: (path) => refuseFile(host, path) },
      );
    },
  };
}
