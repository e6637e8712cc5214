// The control: an engine that does the same steps with one plain write of the version, before its script, and no journal.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { World } from '../../rig/world.ts';
import { startNode, type Started } from './engine.ts';

const PRODUCTS = ['db', 'app', 'lone'];
const PROGRAM = `
const { execFileSync } = require('node:child_process');
const { existsSync, mkdirSync, readFileSync, writeFileSync } = require('node:fs');
const [root, version, runId] = process.argv.slice(-3);
for (const product of ${JSON.stringify(PRODUCTS)}) {
  const folder = root + '/var/bootstrap/products/' + product;
  mkdirSync(folder, { recursive: true });
  if (existsSync(folder + '/status') && readFileSync(folder + '/status', 'utf8') === 'valid\\n') continue;
  writeFileSync(folder + '/status', 'upgrading\\n');
  writeFileSync(folder + '/version', version + '\\n');
  const env = { ...process.env, BOOTSTRAP_ROOT: root, BOOTSTRAP_PRODUCT: product, BOOTSTRAP_RUN_ID: runId };
  execFileSync(root + '/etc/bootstrap/upgrade', ['', version, 'idle'], { env });
  writeFileSync(1, product + '\\n');
  writeFileSync(folder + '/status', 'valid\\n');
}
writeFileSync(root + '/log', '', { flag: 'a' });
`;

let runs = 0;

/** Starts the control on a server, through another program where one is named. */
export function startNaive(server: World, through: readonly string[]): Started {
  runs += 1;
  const program = join(server.root, 'naive.cjs');
  writeFileSync(program, PROGRAM);
  return startNode(program, {
    root: server.root,
    args: [server.root, '2', `run-${runs}`],
    through,
  });
}

/** What the control acknowledged and did not write down, or left half written. */
export function naiveFaults({ root }: World, stdout: string): readonly string[] {
  return PRODUCTS.flatMap((product) => {
    const at = (file: string): string => {
      const path = join(root, 'var/bootstrap/products', product, file);
      return existsSync(path) ? readFileSync(path, 'utf8') : 'nothing';
    };
    const torn = [at('status'), at('version')].includes('') ? [`${product}: an empty file`] : [];
    const isLost = stdout.includes(`${product}\n`) && at('status') !== 'valid\n';
    return isLost ? [...torn, `${product} was acknowledged, and is ${at('status')}`] : torn;
  });
}
