import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const PROGRAM = resolve('dist/bootstrap.cjs');

/** What a command line asked of the system: counts that no machine and no load changes. */
export interface Traced {
  readonly exitCode: number | null;
  /** How often each file or folder of the server was opened, by its path under the root. */
  readonly opened: ReadonlyMap<string, number>;
  /** What was tried to open on the server and is not there. */
  readonly missed: number;
  /** Bytes read of files of the server. */
  readonly bytesRead: number;
  readonly syncs: number;
  readonly programs: number;
  /** The files of dist/ that were loaded, caches of their code aside. */
  readonly chunks: readonly string[];
  /** Files opened below any node_modules. */
  readonly modules: number;
}

/** Runs `bootstrap ARGS` under strace(1); what is counted are the files below `root`. */
export function trace(root: string, args: readonly string[]): Traced {
  const log = join(root, 'strace.log');
  const calls = 'trace=openat,read,pread64,fsync,fdatasync,execve';
  const { status } = spawnSync(
    'strace',
    ['-f', '-y', '-s', '0', '-e', calls, '-o', log]
      .concat([process.execPath, PROGRAM])
      .concat(args),
    {
      env: { PATH: process.env['PATH'] ?? '', HOME: '/', LANG: 'C.UTF-8' },
      stdio: 'ignore',
    },
  );
  return countsIn(readFileSync(log, 'utf8').split('\n'), root, status);
}

function countsIn(lines: readonly string[], root: string, exitCode: number | null): Traced {
  const opened = new Map<string, number>();
  const counts = { missed: 0, bytesRead: 0, syncs: 0, programs: 0, modules: 0 };
  const chunks = new Set<string>();
  for (const line of lines) {
    const [, call = '', rest = ''] = /^\d+ +(?:<\.\.\. )?(\w+)(.*)$/.exec(line) ?? [];
    const [, result = '-1'] = / = (-?\d+)/.exec(rest) ?? [];
    const isDone = Number(result) >= 0;
    if (call === 'execve' && isDone) counts.programs += 1;
    if (call === 'fsync' || call === 'fdatasync') counts.syncs += isDone ? 1 : 0;
    if (call === 'read' || call === 'pread64')
      counts.bytesRead += isDone && rest.includes(`<${root}/`) ? Number(result) : 0;
    if (call !== 'openat') continue;
    const [, path = ''] = /"([^"]*)"/.exec(rest) ?? [];
    if (path.includes('/node_modules/')) counts.modules += 1;
    const [, chunk] = /\/dist\/([^/]+\.cjs)$/.exec(path) ?? [];
    if (chunk !== undefined && isDone) chunks.add(chunk);
    if (!path.startsWith(`${root}/`)) continue;
    const below = path.slice(root.length + 1);
    if (isDone) opened.set(below, (opened.get(below) ?? 0) + 1);
    else counts.missed += 1;
  }
  return { exitCode, opened, ...counts, chunks: [...chunks].toSorted() };
}
