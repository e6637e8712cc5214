import type { Host } from '../host/host.ts';
import { valueOf } from '../model/fact.ts';
import type { ScriptRefusal } from '../model/failure.ts';
import type { HostPath } from '../model/ids.ts';
import { octal, refuseProgram } from './program.ts';

const GROUP_WRITE = 0o020;
const WORLD_WRITE = 0o002;
const STICKY = 0o1000;

type Machine = Pick<Host, 'files' | 'processes'>;

/** Scripts to be run. */
export interface Scripts {
  readonly paths: readonly HostPath[];
  /** The PATH they will be run with. */
  readonly searchPath: string;
}

/**
 * Why these scripts may not be run, or [] when all may: each must be an executable program with its interpreter there,
 * and only root or the caller may be able to change it or a folder above it (CONTRACT 5, "Permissions").
 */
export function refuseScripts(
  machine: Machine,
  { paths, searchPath }: Scripts,
): readonly ScriptRefusal[] {
  return paths.flatMap((path) => refuseScript(machine, path, searchPath));
}

/** Why this file may not be relied on: somebody else could change it. */
export function refuseFile(machine: Machine, path: HostPath): readonly ScriptRefusal[] {
  const real = valueOf(machine.files.resolve(path)) ?? path;
  const places = new Set([...placesAbove(path), ...placesAbove(real)]);
  return [...places].flatMap((place) => refusePlace(machine, place));
}

function refuseScript(
  machine: Machine,
  path: HostPath,
  searchPath: string,
): readonly ScriptRefusal[] {
  const info = machine.files.inspect(path);
  if (info.kind === 'absent')
    return [
      {
        path,
        why: 'there is no such script',
        fix: `install it, or correct its path in bootstrap.ini`,
      },
    ];
  if (info.kind === 'unreadable')
    return [{ path, why: info.why, fix: `make it readable: chmod u+r ${path}` }];
  if (info.value.type !== 'file')
    return [{ path, why: 'it is not a regular file', fix: 'name a script in bootstrap.ini' }];
  return [
    ...refuseFile(machine, path),
    ...refuseProgram(machine.files, { path, info: info.value, searchPath }),
  ];
}

/** A path and every folder above it, up to `/`. */
function placesAbove(path: HostPath): readonly HostPath[] {
  const places: HostPath[] = [path];
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1))
    places.push(path.slice(0, end) as HostPath);
  return [...places, '/' as HostPath];
}

function refusePlace({ files, processes }: Machine, path: HostPath): readonly ScriptRefusal[] {
  const info = files.inspect(path);
  if (info.kind !== 'known') return [];
  const { uid, gid, mode, type } = info.value;
  const self = processes.self();
  if (uid !== 0 && uid !== self.uid)
    return [
      { path, why: `it belongs to user ${uid}, not to root or to you`, fix: `chown root ${path}` },
    ];
  // Nobody can replace what others own in such a folder: /tmp is one.
  if (type === 'folder' && uid === 0 && (mode & STICKY) !== 0) return [];
  if ((mode & WORLD_WRITE) !== 0)
    return [
      { path, why: `everybody can write it (${octal(info.value)})`, fix: `chmod o-w ${path}` },
    ];
  const ownGroup = gid === 0 || (uid === self.uid && gid === self.gid);
  if ((mode & GROUP_WRITE) !== 0 && !ownGroup)
    return [
      { path, why: `group ${gid} can write it (${octal(info.value)})`, fix: `chmod g-w ${path}` },
    ];
  return [];
}
