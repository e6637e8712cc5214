import { getSystemErrorMap } from 'node:util';

/** The code of an error of the system or of Node (`ENOENT`, `ERR_SOCKET_BAD_PORT`); undefined for anything else. */
export function errorCode(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown)) return undefined;
  return typeof thrown.code === 'string' ? thrown.code : undefined;
}

/** An error of the system in libuv's words (`permission denied`), one of Node in its own; throws again what is neither, for it is a bug. */
export function errorWords(thrown: unknown): string {
  const code = errorCode(thrown);
  if (!(thrown instanceof Error) || code === undefined) throw thrown;
  for (const [name, words] of getSystemErrorMap().values()) if (name === code) return words;
  return thrown.message;
}
