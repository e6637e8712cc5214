import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** How much there is to keep: products, and settings of each. */
export interface Size {
  readonly name: string;
  readonly products: number;
  readonly settings: number;
}

export const S: Size = { name: 'S', products: 3, settings: 10 };
export const M: Size = { name: 'M', products: 100, settings: 20 };
export const L: Size = { name: 'L', products: 1000, settings: 100 };

const NOUNS = 'cache pool log queue session worker buffer index shard proxy tls auth disk'.split(
  ' ',
);
const PARTS = 'size limit timeout path level mode enabled count interval prefix format'.split(' ');
const WORDS = 'warn info strict lazy eager round-robin sticky gzip combined primary'.split(' ');

/** What people would write for so many products: the same for the same size, on every machine. */
function desiredState({ products, settings }: Size): string {
  const random = seeded(products * 7919 + settings);
  const lines = ['apiVersion: bootstrap/v1', 'server:', '  mode: production', 'products:'];
  for (let product = 1; product <= products; product++) {
    const name = productName(product);
    lines.push(`  ${name}:`, `    version: "${random(10)}.${random(20)}.${random(50)}"`);
    lines.push('    settings:');
    for (let setting = 1; setting <= settings; setting++) {
      const key = `${of(NOUNS, random)}_${of(PARTS, random)}_${String(setting).padStart(3, '0')}`;
      lines.push(`      ${key}: ${value(name, random)}`);
    }
  }
  return `${lines.join('\n')}\npolicy: {maxChanges: 100000}\n`;
}

/** What bootstrap.ini says of them: each has an ini file, and no script. */
function definition({ products }: Size): string {
  const sections = Array.from({ length: products }, (_, index) => {
    const name = productName(index + 1);
    return `\n[product: ${name}]\nconfig-file   = /etc/${name}/settings.ini\nconfig-format = ini\n`;
  });
  return `[bootstrap]\nbootstrap-version = 1\nserver-type = bench\n${sections.join('')}`;
}

/**
 * An empty folder in the place of whatever is there. It is made under a name of its own round first, for the name decides where on the
 * disk a folder in `bench.ts`'s is put: ext4 looks at each inode that was deleted within the last minutes when it makes a file beside
 * them, which takes longer than all else that is done for the file, and no server had thousands of files deleted right before.
 */
export function emptyFolder(path: string, round: number): void {
  rmSync(path, { recursive: true, force: true });
  mkdirSync(`${path}-${round}`);
  renameSync(`${path}-${round}`, path);
}

/** Makes a server of an empty folder, or of none; returns where its desired state stands. */
export function createServer(root: string, size: Size): string {
  mkdirSync(join(root, 'etc/bootstrap'), { recursive: true });
  writeFileSync(join(root, 'etc/bootstrap/bootstrap.ini'), definition(size));
  for (let product = 1; product <= size.products; product++)
    mkdirSync(join(root, 'etc', productName(product)));
  const desired = join(root, 'desired-state.yaml');
  writeFileSync(desired, desiredState(size));
  return desired;
}

/** Changes one setting of the product in the middle to another value than any before. */
export function editOneSetting(desired: string, size: Size, edition: number): void {
  const text = readFileSync(desired, 'utf8');
  const block = text.indexOf(`  ${productName(Math.ceil(size.products / 2))}:\n`);
  const line = text.indexOf('\n', text.indexOf('    settings:\n', block)) + 1;
  const colon = text.indexOf(':', line);
  writeFileSync(
    desired,
    `${text.slice(0, colon)}: edition-${edition}${text.slice(text.indexOf('\n', colon))}`,
  );
}

/** The files on a server that its desired state says the content of, by their path, sorted. */
export function managedFiles(root: string): readonly string[] {
  const below = (folder: string, file: string): readonly string[] =>
    readdirSync(join(root, folder))
      .filter((name) => name.startsWith('product-'))
      .toSorted()
      .map((name) => `${folder}/${name}/${file}`);
  return [...below('etc', 'settings.ini'), ...below('var/bootstrap/products', 'version')];
}

function productName(number: number): string {
  return `product-${String(number).padStart(4, '0')}`;
}

type Random = (below: number) => number;

/** mulberry32: whole numbers from 0 up to, but not including, `below`. */
function seeded(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

function of(words: readonly string[], random: Random): string {
  return words[random(words.length)] ?? '';
}

function value(product: string, random: Random): string {
  const kind = random(20);
  if (kind < 7) return String(random(65_536));
  if (kind < 10) return random(2) === 0 ? 'true' : 'false';
  if (kind < 12) return `${1 + random(300)}s`;
  if (kind < 15) return `/var/lib/${product}/${of(NOUNS, random)}/${of(WORDS, random)}`;
  if (kind < 18) return of(WORDS, random);
  return `"${of(NOUNS, random)}: ${of(WORDS, random)}, ${of(PARTS, random)}=${random(1000)}"`;
}
