import type { FileInfo, Host } from '../host/host.ts';
import { valueOf } from '../model/fact.ts';
import type { ScriptRefusal } from '../model/failure.ts';
import type { HostPath } from '../model/ids.ts';

const EXECUTE_BITS = 0o111;
const GROUP_WRITE = 0o020;
const WORLD_WRITE = 0o002;
const STICKY = 0o1000;
const ELF_MAGIC = [0x7f, 0x45, 0x4c, 0x46];
const HASH_BANG = [0x23, 0x21];

type Machine = Pick<Host, 'files' | 'processes'>;

/**
 * Why these scripts may not be run, or [] when all may: each must be an executable program that only root or
 * the caller can change, and so must every folder above it (CONTRACT 5, "Permissions").
 */
export function refuseScripts(
  machine: Machine,
  paths: readonly HostPath[],
): readonly ScriptRefusal[] {
  return paths.flatMap((path) => refuseScript(machine, path));
}

/** Why this file may not be relied on: somebody else could change it. */
export function refuseFile(machine: Machine, path: HostPath): readonly ScriptRefusal[] {
  const real = valueOf(machine.files.resolve(path)) ?? path;
  const places = new Set([...placesAbove(path), ...placesAbove(real)]);
  return [...places].flatMap((place) => refusePlace(machine, place));
}

function refuseScript(machine: Machine, path: HostPath): readonly ScriptRefusal[] {
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
  return [...refuseFile(machine, path), ...refuseProgram(machine, path, info.value)];
}

function refuseProgram(
  { files }: Machine,
  path: HostPath,
  info: FileInfo,
): readonly ScriptRefusal[] {
  if ((info.mode & EXECUTE_BITS) === 0)
    return [{ path, why: `it is not executable (${octal(info)})`, fix: `chmod 0755 ${path}` }];
  const head = files.readHead(path, ELF_MAGIC.length);
  if (head.kind !== 'known') return [{ path, why: 'it cannot be read', fix: `chmod u+r ${path}` }];
  const startsWith = (magic: readonly number[]): boolean =>
    magic.every((byte, index) => head.value[index] === byte);
  if (startsWith(HASH_BANG) || startsWith(ELF_MAGIC)) return [];
  return [
    {
      path,
      why: 'it begins with neither #! nor an ELF header',
      fix: `add a first line to ${path}, such as #!/bin/sh`,
    },
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

function octal({ mode }: FileInfo): string {
  return `0${mode.toString(8)}`;
}
