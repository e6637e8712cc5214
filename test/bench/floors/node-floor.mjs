// node-floor.mjs DESIRED ROOT [apply]: the least that a Node program does which reads the same YAML with npm `yaml`: reads and
// parses each file, compares key by key, writes what differs. No schema, lock, journal or fsync.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parse } from 'yaml';

const [, , desired, root, apply] = process.argv;
let changes = 0;
for (const [name, { version, settings }] of Object.entries(
  parse(readFileSync(desired, 'utf8')).products,
)) {
  const wanted = Object.entries(settings).map(([key, value]) => [key, String(value)]);
  put(
    `${root}/var/bootstrap/products/${name}/version`,
    `${version}\n`,
    (text) => text.trim() === version,
  );
  put(
    `${root}/etc/${name}/settings.ini`,
    wanted.map(([key, value]) => `${key} = ${value}\n`).join(''),
    (text) => {
      const found = new Map(text.split('\n').map((line) => line.split(/ = (.*)/)));
      return wanted.every(([key, value]) => found.get(key) === value);
    },
  );
}
console.log(`${changes} changed`);

function put(path, text, isHeld) {
  if (isHeld(read(path))) return;
  changes += 1;
  if (apply === undefined) return;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.tmp`, text);
  renameSync(`${path}.tmp`, path);
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return '';
    throw error;
  }
}
