import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { absent, known, unreadable, type Fact } from '../model/fact.ts';
import type { Crypto, Machine } from './host.ts';
import { errorCode, errorWords } from './system-error.ts';

/** This machine, as the system tells of it. */
export function createMachine(): Machine {
  return {
    hostname: () => nodeOs().hostname(),
    userName,
    homeFolder,
    environment: (name) => process.env[name],
    userId,
    groupId,
    isJournal,
  };
}

/** Digests of Node, and randomness of Linux. */
export function createCrypto(): Crypto {
  return {
    // In one call: half the price of createHash() for what is as short as most files here.
    sha256: (text) => nodeCrypto().hash('sha256', text),
    hmacSha256: (key, text) => nodeCrypto().createHmac('sha256', key).update(text).digest('hex'),
    hmacSha256Of: (data, { key, encoding }) =>
      nodeCrypto().createHmac('sha256', key).update(data).digest(encoding),
    sameText: (one, other) => nodeCrypto().timingSafeEqual(digestOf(one), digestOf(other)),
    randomHex,
    random: Math.random,
    crc32,
  };
}

/** Loaded by its first use: that takes 4 ms, and a run that changes nothing digests nothing. */
function nodeCrypto(): typeof import('node:crypto') {
  return process.getBuiltinModule('node:crypto');
}

/** Loaded by its first use: most commands name no host and no user. */
function nodeOs(): typeof import('node:os') {
  return process.getBuiltinModule('node:os');
}

/** timingSafeEqual wants equal lengths, and a length is not to be told either. */
function digestOf(text: string): Buffer {
  return nodeCrypto().createHash('sha256').update(text).digest();
}

/** So many random bytes, in hex: from where node:crypto has them too (random(4)), which a bare chroot lacks, and then from there. */
export function randomHex(bytes: number): string {
  return (readRandom(bytes) ?? nodeCrypto().randomBytes(bytes)).toString('hex');
}

function readRandom(bytes: number): Buffer | undefined {
  const random = Buffer.alloc(bytes);
  let file: number | undefined;
  try {
    file = openSync('/dev/urandom', 'r');
    return readSync(file, random) === bytes ? random : undefined;
  } catch (thrown) {
    errorWords(thrown);
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** node:zlib is loaded by its first use: that takes 2 ms or more, which a start-up without a journal need not pay. */
function crc32(text: string): string {
  const sum = process.getBuiltinModule('node:zlib').crc32(text);
  return sum.toString(16).padStart(8, '0');
}

function userName(): string {
  try {
    return nodeOs().userInfo().username;
  } catch (thrown) {
    errorWords(thrown);
    return String(process.getuid?.());
  }
}

/** Not $HOME, which sudo may leave to be the caller's. A user without an entry in passwd(5) lives in `/`, as in systemd.exec(5). */
function homeFolder(): string {
  try {
    return nodeOs().userInfo().homedir;
  } catch (thrown) {
    errorWords(thrown);
    return '/';
  }
}

/** Compared as text, as systemd writes it: device and inode, in decimal. */
function isJournal(stream: 'stdout' | 'stderr'): boolean {
  const journal = process.env['JOURNAL_STREAM'] ?? '';
  if (journal === '') return false;
  const { dev, ino } = fstatSync(DESCRIPTOR[stream], { bigint: true });
  return journal === `${dev}:${ino}`;
}

const DESCRIPTOR = { stdout: 1, stderr: 2 } as const;

function userId(name: string): Fact<number> {
  return idIn('/etc/passwd', name);
}

function groupId(name: string): Fact<number> {
  return idIn('/etc/group', name);
}

/** In both files a line is `name:password:number:…`. */
function idIn(path: string, name: string): Fact<number> {
  if (/^[0-9]+$/.test(name)) return known(Number(name));
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (thrown) {
    return errorCode(thrown) === 'ENOENT' ? absent : unreadable(`${path}: ${errorWords(thrown)}`);
  }
  const rows = text.split('\n').map((line) => line.split(':'));
  const [, , id = ''] = rows.find(([first]) => first === name) ?? [];
  return /^[0-9]+$/.test(id) ? known(Number(id)) : absent;
}
