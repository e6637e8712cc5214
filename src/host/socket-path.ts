/** What sun_path holds beside the zero at its end (unix(7)). */
const PATH_BYTES_MAX = 107;

/** Why the system cannot connect to a unix socket at this path; undefined where it can try. Node 20 cuts a longer path off, and would ask whoever listens there. */
export function refuseSocketPath(path: string): string | undefined {
  const bytes = Buffer.byteLength(path);
  if (bytes <= PATH_BYTES_MAX) return undefined;
  return `the path of a unix socket has at most ${PATH_BYTES_MAX} bytes, and ${path} has ${bytes}`;
}
