import { lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { nodeDisk } from './disk.ts';
import { renameInto, writeTemp } from './durable-file.ts';
import { isLeftover, type Living } from './leftovers.ts';
import { errorWords } from './system-error.ts';
import type { NextTemp } from './temp-name.ts';

// Files that one program is to read, each in a folder of its own that nobody else may enter. All of these throw the
// system's errors; files.ts gives these words.

const FOLDER_PREFIX = 'bootstrap-private-';
/** What mkdtemp(3) makes of it and our pid: 0700. */
const folderName = new RegExp(`^${FOLDER_PREFIX}([1-9][0-9]{0,9})-[A-Za-z0-9]{6}$`);
const BITS_OF_OTHERS = 0o077;

/** Where the folders of private files are: the system's own for what is temporary. */
export function privateHome(): string {
  return resolve(process.getBuiltinModule('node:os').tmpdir());
}

/** What writing a private file takes. */
export interface PrivateOptions extends Living {
  readonly nextTemp: NextTemp;
}

/** Writes a new private file, and says where; leaves nothing behind where it throws. Removes those of engines that died first. */
export function writePrivateFile(
  name: string,
  text: string,
  { nextTemp, ...living }: PrivateOptions,
): string {
  if (name !== basename(name) || /^\.{0,2}$/.test(name))
    throw new Error(`${JSON.stringify(name)} is no name for a file`);
  sweepPrivateFiles(living);
  const folder = mkdtempSync(join(privateHome(), `${FOLDER_PREFIX}${process.pid}-`));
  const path = join(folder, name);
  try {
    renameInto(nodeDisk, path, writeTemp(nodeDisk, path, { bytes: Buffer.from(text), nextTemp }));
  } catch (thrown) {
    rmSync(folder, { recursive: true });
    throw thrown;
  }
  return path;
}

function sweepPrivateFiles(living: Living): void {
  const home = privateHome();
  for (const name of readdirSync(home)) {
    const [, pid] = folderName.exec(name) ?? [];
    const isLeft = pid !== undefined && isLeftover(name, Number(pid), living);
    if (isLeft && isPrivateFile(join(home, name, 'any'))) discardFolder(join(home, name));
  }
}

/** Removes what nobody will miss; where that fails, what is to be written matters more. */
function discardFolder(path: string): void {
  try {
    rmSync(path, { recursive: true });
  } catch (thrown) {
    errorWords(thrown);
  }
}

/** True where the path is one that writePrivateFile gives, and its folder, if it is still there, is ours alone. */
export function isPrivateFile(path: string): boolean {
  const folder = dirname(path);
  const isOurs = dirname(folder) === privateHome() && folderName.test(basename(folder));
  if (!isOurs || resolve(path) !== path) return false;
  const found = lstatSync(folder, { throwIfNoEntry: false });
  if (found === undefined) return true;
  return (
    found.isDirectory() && found.uid === process.getuid?.() && (found.mode & BITS_OF_OTHERS) === 0
  );
}

/** Removes a private file with its folder, and what the program that read it has left there. */
export function removePrivateFile(path: string): void {
  rmSync(dirname(path), { recursive: true, force: true });
}
