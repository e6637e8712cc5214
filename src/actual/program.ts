import type { FileInfo, Files } from '../host/host.ts';
import type { ScriptRefusal } from '../model/failure.ts';
import { hostPath, type HostPath } from '../model/ids.ts';

const EXECUTE_BITS = 0o111;
const ELF_MAGIC = [0x7f, 0x45, 0x4c, 0x46];
const HASH_BANG = [0x23, 0x21];
const LINE_FEED = 0x0a;
/** As much of a program as Linux looks at to see how it is run; of these a first line may fill all but one (execve(2)). */
const HEAD_BYTES = 256;

// The interpreter, and one argument whatever blanks are in it.
const firstLinePattern = /^#![ \t]*([^ \t]+)(?:[ \t]+(.*?))?[ \t]*$/s;
// Quotes, escapes and variables in what env is to split are left to env.
const envSyntax = /["'\\$#]/;

/** A file to be run as a program. */
export interface Program {
  readonly path: HostPath;
  readonly info: FileInfo;
  /** The PATH it will be run with. */
  readonly searchPath: string;
}

type Look = Pick<Files, 'inspect'>;

/** Why this file cannot be run, or []: it must be executable, and an ELF program or a script whose interpreter can be run (execve(2)). */
export function refuseProgram(
  files: Pick<Files, 'inspect' | 'readHead'>,
  program: Program,
): readonly ScriptRefusal[] {
  const { path, info } = program;
  if (!isExecutable(info))
    return [{ path, why: `it is not executable (${octal(info)})`, fix: `chmod 0755 ${path}` }];
  const head = files.readHead(path, HEAD_BYTES);
  if (head.kind !== 'known') return [{ path, why: 'it cannot be read', fix: `chmod u+r ${path}` }];
  const startsWith = (magic: readonly number[]): boolean =>
    magic.every((byte, index) => head.value[index] === byte);
  if (startsWith(HASH_BANG)) {
    const refusal = refuseFirstLine(files, program, firstLineOf(head.value));
    return refusal === undefined ? [] : [refusal];
  }
  if (startsWith(ELF_MAGIC)) return [];
  return [
    {
      path,
      why: 'it begins with neither #! nor an ELF header',
      fix: `add a first line to ${path}, such as #!/bin/sh`,
    },
  ];
}

/** Permission bits as chmod takes them: `0755`. */
export function octal({ mode }: FileInfo): string {
  return `0${mode.toString(8)}`;
}

interface FirstLine {
  readonly text: string;
  /** True: there is more of it than Linux reads. */
  readonly isCut: boolean;
}

function firstLineOf(head: Uint8Array): FirstLine {
  const end = head.findIndex((byte) => byte === LINE_FEED || byte === 0);
  const isCut = end === -1 && head.length === HEAD_BYTES;
  const line = end === -1 ? head : head.subarray(0, end);
  return { text: new TextDecoder().decode(line), isCut };
}

function refuseFirstLine(
  files: Look,
  { path, searchPath }: Program,
  { text, isCut }: FirstLine,
): ScriptRefusal | undefined {
  const [, interpreter, argument = ''] = firstLinePattern.exec(text) ?? [];
  const fix = `correct the first line of ${path}`;
  if (interpreter === undefined) return { path, why: 'its first line names no interpreter', fix };
  if (isCut && argument === '' && text.endsWith(interpreter))
    return { path, why: `its first line is longer than ${HEAD_BYTES - 1} bytes`, fix };
  const refusal = refuseInterpreter(files, path, interpreter);
  if (refusal !== undefined || isCut || !/(?:^|\/)env$/.test(interpreter)) return refusal;
  const name = programOfEnv(argument);
  if (name === undefined) return undefined;
  return name.includes('/')
    ? refuseInterpreter(files, path, name)
    : refuseName(files, name, { path, searchPath });
}

function refuseInterpreter(
  files: Look,
  path: HostPath,
  interpreter: string,
): ScriptRefusal | undefined {
  // Scripts are run in `/`: so a relative path begins there.
  const found = files.inspect(hostPath('', interpreter));
  const fix = `correct the first line of ${path}`;
  if (found.kind === 'absent')
    return (
      refuseCarriageReturn(path, interpreter) ?? {
        path,
        why: `its interpreter ${interpreter} does not exist`,
        fix: `install it, or ${fix}`,
      }
    );
  if (found.kind === 'unreadable')
    return { path, why: `its interpreter cannot be run: ${found.why}`, fix };
  if (found.value.type !== 'file')
    return { path, why: `its interpreter ${interpreter} is not a regular file`, fix };
  if (isExecutable(found.value)) return undefined;
  return {
    path,
    why: `its interpreter ${interpreter} is not executable (${octal(found.value)})`,
    fix: `chmod 0755 ${interpreter}`,
  };
}

/** What is left of a first line where the file was written with the line ends of Windows. */
function refuseCarriageReturn(path: HostPath, interpreter: string): ScriptRefusal | undefined {
  if (!interpreter.endsWith('\r')) return undefined;
  return {
    path,
    why: `its first line ends in CR, and there is no ${JSON.stringify(interpreter)}`,
    fix: `sed -i 's/\\r$//' ${path}`,
  };
}

/** The program that env(1) will run, or undefined where only env itself can tell. */
function programOfEnv(argument: string): string | undefined {
  const [, toSplit] = /^(?:-S|--split-string=)(.*)$/s.exec(argument) ?? [];
  const words = toSplit === undefined ? [argument] : toSplit.split(/[ \t\v\f\r]+/);
  if (toSplit !== undefined && envSyntax.test(toSplit)) return undefined;
  for (const word of words) {
    if (word.startsWith('-') || word.startsWith('PATH=')) return undefined;
    if (word !== '' && !word.includes('=')) return word;
  }
  return undefined;
}

/** As execvp(3) looks for it: in each folder of the PATH. */
function refuseName(
  files: Look,
  name: string,
  { path, searchPath }: Pick<Program, 'path' | 'searchPath'>,
): ScriptRefusal | undefined {
  const isThere = searchPath.split(':').some((folder) => {
    const found = files.inspect(hostPath(folder, name));
    return found.kind === 'known' && found.value.type === 'file' && isExecutable(found.value);
  });
  if (isThere) return undefined;
  const why = `env finds no program ${JSON.stringify(name)} in ${searchPath}`;
  const fix = /[ \t]/.test(name)
    ? `write env -S ${name} in the first line of ${path}`
    : `install ${name}, or add its folder to path in the section [bootstrap] of bootstrap.ini`;
  return refuseCarriageReturn(path, name) ?? { path, why, fix };
}

function isExecutable({ mode }: FileInfo): boolean {
  return (mode & EXECUTE_BITS) !== 0;
}
