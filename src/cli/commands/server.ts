import {
  refuseServerKey,
  serverGet as getOfServer,
  serverModeNow,
} from '../../app/imperative-reads.ts';
import {
  serverMode as changeMode,
  serverProvision as provision,
} from '../../app/imperative-server.ts';
import type { DesiredOptions } from '../options.ts';
import { refuseArity } from '../verb-arity.ts';
import { answer, carryOut, carryOutLong, NO_SPAWN, openVerb, refuse } from '../verb.ts';

/** `server.get KEY`: prints a key of [bootstrap], or the mode. */
export async function serverGet(
  options: DesiredOptions,
  words: readonly string[],
): Promise<number> {
  const session = openVerb(options);
  const arity = { verb: 'server.get', required: ['key'], optional: [] } as const;
  const misused = refuseArity(session, arity, words);
  if (misused !== undefined) return misused;
  const [key = ''] = words;
  return await Promise.resolve(answer(session, getOfServer(session.host, session.site, key)));
}

/** `server.set KEY VALUE`: changes the mode; all other keys are refused. */
export async function serverSet(
  options: DesiredOptions,
  words: readonly string[],
): Promise<number> {
  const session = openVerb(options);
  const arity = { verb: 'server.set', required: ['key', 'value'], optional: [] } as const;
  const misused = refuseArity(session, arity, words);
  if (misused !== undefined) return misused;
  const [key = '', value = ''] = words;
  const refused = refuseServerKey(session.host, session.site, key);
  const error = refused ?? (await carryOut(session, () => changeMode(value)));
  return error === undefined ? 0 : refuse(session, error);
}

/** `server.mode [MODE] [CALLBACK]`, or with the hidden word `server.mode nospawn MODE [CALLBACK]`: prints the mode, or changes it. */
export async function serverMode(
  options: DesiredOptions,
  words: readonly string[],
): Promise<number> {
  const session = openVerb(options);
  const isForeground = words[0] === NO_SPAWN;
  const plain = isForeground ? words.slice(1) : words;
  const arity = { verb: 'server.mode', required: [], optional: ['mode', 'callback'] } as const;
  const misused = refuseArity(session, arity, plain);
  if (misused !== undefined) return misused;
  const [mode, callback] = plain;
  if (mode === undefined && !isForeground)
    return answer(session, { ok: true, value: serverModeNow(session.host, session.site) });
  const wished = mode ?? '';
  return await carryOutLong(session, {
    words: [wished],
    isForeground,
    callback,
    told: { verb: 'server.mode', mode: wished },
    verb: () => changeMode(wished),
  });
}

/** `server.provision [CALLBACK]`, or with the hidden word `server.provision nospawn [CALLBACK]`. */
export async function serverProvision(
  options: DesiredOptions,
  words: readonly string[],
): Promise<number> {
  const session = openVerb(options);
  const isForeground = words[0] === NO_SPAWN;
  const plain = isForeground ? words.slice(1) : words;
  const arity = { verb: 'server.provision', required: [], optional: ['callback'] } as const;
  const misused = refuseArity(session, arity, plain);
  if (misused !== undefined) return misused;
  const [callback] = plain;
  return await carryOutLong(session, {
    words: [],
    isForeground,
    callback,
    told: { verb: 'server.provision' },
    verb: provision,
  });
}
