import {
  accessSync,
  closeSync,
  constants,
  openSync,
  readSync,
  statSync,
  type Stats,
} from 'node:fs';
import { errorCode, errorWords } from './system-error.ts';

/** The longest first line Linux looks at (BINPRM_BUF_SIZE, execve(2)). */
const FIRST_LINE_BYTES_MAX = 256;

/** Why a program could not be started, in words: the system's own code often names the wrong file. */
export function whyNotStarted(program: string, thrown: unknown): string {
  const code = errorCode(thrown);
  if (code === 'ENOENT') return whyNotFound(program);
  if (code === 'EACCES') return whyNotAllowed(program);
  if (code === 'ETXTBSY') return `${program}: another process has it open for writing`;
  return `${program}: ${errorWords(thrown)}`;
}

/** execve(2) says ENOENT also where the interpreter of a script that exists is missing. */
function whyNotFound(program: string): string {
  if (!program.includes('/')) return `${program}: no such program on the PATH`;
  if (lookAt(program) === undefined) return `${program}: no such file`;
  const firstLine = firstLineOf(program);
  if (firstLine.endsWith('\r')) {
    return `${program}: its first line ends in CR LF, and no interpreter has a CR in its name; mend it with: sed -i 's/\\r$//' ${program}`;
  }
  const [, interpreter] = /^#![ \t]*([^ \t]+)/.exec(firstLine) ?? [];
  return interpreter === undefined
    ? `${program}: the file exists, but the loader it needs does not`
    : `${program}: its interpreter ${interpreter} does not exist`;
}

function whyNotAllowed(program: string): string {
  if (!program.includes('/')) return `${program}: found on the PATH, but may not be run`;
  if (lookAt(program)?.isDirectory() === true) return `${program}: it is a folder`;
  try {
    accessSync(program, constants.X_OK);
  } catch (thrown) {
    return errorCode(thrown) === 'EACCES'
      ? `${program}: permission denied; not executable (mend it with: chmod +x ${program}), or in a folder that may not be entered`
      : `${program}: ${errorWords(thrown)}`;
  }
  return `${program}: permission denied, though it is executable: by its interpreter, or a file system mounted noexec`;
}

function lookAt(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined; // not there, or not to be seen: then less can be said of it
  }
}

function firstLineOf(path: string): string {
  const bytes = Buffer.alloc(FIRST_LINE_BYTES_MAX);
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return ''; // it may be run but not read: then this cannot be said
  }
  try {
    const count = readSync(file, bytes);
    return bytes.toString('latin1', 0, count).split('\n')[0] ?? '';
  } finally {
    closeSync(file);
  }
}
