// store 1: named counters, kept in a file, so that an upgrade loses none.
//   GET  /counters/NAME   the count
//   POST /counters/NAME   adds the setting `step`, then the count
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export const name = 'store';
export const version = '1';

const file = `${process.env.BOOTSTRAP_ROOT}/var/lib/counters.json`;

export function answer(request, response, settings) {
  const [, counter] = /^\/counters\/([a-z]+)$/.exec(request.url) ?? [];
  if (!counter) return response.writeHead(404).end('Not here.\n');

  const counters = read();
  counters[counter] ??= 0;
  if (request.method === 'POST') {
    counters[counter] += Number(settings.step);
    write(counters);
  }
  response.end(`${counters[counter]}\n`);
}

function read() {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
}

function write(counters) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify(counters));
  renameSync(`${file}.new`, file);
}
