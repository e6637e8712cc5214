import { FILE_BYTES_MAX } from '../host/read-file.ts';
import { absent, known, unreadable, type Fact } from '../model/fact.ts';
import type { CommitId, TreePath } from '../model/git.ts';
import { ok, type Result } from '../model/result.ts';
import { ask, type Git, type Setback } from './git-command.ts';

const FOLDER = '040000';
// Links are kept as what they lead to, and submodules as the commit of another repository (gitformat-index(5)).
const NOT_FILES: Readonly<Record<string, string>> = {
  [FOLDER]: 'it is a folder',
  '120000': 'it is a symbolic link, and only regular files are read from git',
  '160000': 'it is a submodule, and only regular files are read from git',
};
/** The first line of what Git LFS keeps in a file's place (its specification, "The Pointer"). */
const LFS_POINTER = 'version https://git-lfs.github.com/spec/';

/** A file of a commit as UTF-8, byte for byte: no filter, link or submodule is followed. */
export async function readCommitted(
  git: Git,
  commit: CommitId,
  path: TreePath,
): Promise<Result<Fact<string>, Setback>> {
  const listed = await ask(git, ['ls-tree', '-z', '--long', commit, '--', path]);
  if (!listed.ok) return listed;
  const [, mode = '', id = '', size = ''] =
    /^([0-7]{6}) [a-z]+ ([0-9a-f]+) +([0-9]+|-)\t/.exec(listed.value) ?? [];
  if (mode === '') return ok(absent);
  const other = NOT_FILES[mode];
  if (other !== undefined) return ok(unreadable(other));
  if (Number(size) > FILE_BYTES_MAX)
    return ok(unreadable(`it is larger than ${FILE_BYTES_MAX / 2 ** 20} MiB`));
  return await readBlob(git, id);
}

async function readBlob(git: Git, id: string): Promise<Result<Fact<string>, Setback>> {
  const read = await ask(git, ['cat-file', 'blob', id], { stdoutBytesMax: FILE_BYTES_MAX });
  if (!read.ok) return read;
  const text = read.value;
  if (text.startsWith(LFS_POINTER))
    return ok(unreadable('it is a pointer of Git LFS, not the file itself'));
  // What was no UTF-8 has become another text, and so has what was lost on the way.
  const hashed = await ask(git, ['hash-object', '--stdin'], { stdin: text });
  if (!hashed.ok) return hashed;
  if (hashed.value.trim() === id) return ok(known(text));
  const isMended = text.includes('\uFFFD');
  return ok(unreadable(isMended ? 'it is not UTF-8 text' : 'it did not come through whole'));
}
