import { hostPath, type HostPath } from '../model/ids.ts';

/** Where a server listens. */
export type ListenAddress =
  | { readonly kind: 'port'; readonly host: string; readonly port: number }
  | { readonly kind: 'socket'; readonly path: HostPath };

/** Who leaves the host out gets no server that the whole network can ask; that takes 0.0.0.0 or [::]. */
const HOST_DEFAULT = '127.0.0.1';
const PORT_MAX = 65_535;
const port = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:/?#@[\]]*)):([0-9]{1,5})$/;
const socket = /^unix:(\/.+)$/;

/** An address as `--listen` takes it: `127.0.0.1:9810`, `[::1]:9810`, `localhost:9810`, `:9810` (loopback only), `unix:/run/bootstrap/http.sock`; undefined where the text is none. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const [, path] = socket.exec(text) ?? [];
  if (path !== undefined) return { kind: 'socket', path: hostPath('', path) };
  const [, ipv6, name = '', digits] = port.exec(text) ?? [];
  if (digits === undefined || Number(digits) > PORT_MAX) return undefined;
  const host = ipv6 ?? (name === '' ? HOST_DEFAULT : name);
  return URL.canParse(`http://${bracketed(host)}/`)
    ? { kind: 'port', host, port: Number(digits) }
    : undefined;
}

/** An address for people, and for curl(1): `http://127.0.0.1:9810/`, `unix:/run/bootstrap/http.sock`. */
export function showListenAddress(address: ListenAddress): string {
  return address.kind === 'socket'
    ? `unix:${address.path}`
    : `http://${bracketed(address.host)}:${address.port}/`;
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
