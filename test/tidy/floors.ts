import { posix } from 'node:path';
import ts from 'typescript';

/** A folder of src/: how high it stands, and what it may import from outside ('ajv', 'node:http', 'node:*'). */
interface Floor {
  readonly height: number;
  readonly packages: readonly string[];
}
type Floors = ReadonlyMap<string, Floor>;

interface Import {
  readonly path: string;
  readonly folder: string;
  readonly floor: Floor;
  readonly name: string;
}

/** The rows of the table `| folder | floor | packages |`, by folder. */
export function parseFloors(markdown: string): Floors {
  const rows = markdown.matchAll(/^\s*\| *`?([\w-]+)\/?`? *\| *(\d+) *\|([^|\n]*)\|/gm);
  return new Map(
    Array.from(rows, ([, folder = '', height, packages = '']) => [
      folder,
      { height: Number(height), packages: packages.match(/[\w@/:*.-]+/g) ?? [] },
    ]),
  );
}

/** One sentence for each broken rule, with file, import and fix; `sources` are texts by path ('src/core/diff.ts'). */
export function findFaults(floors: Floors, sources: ReadonlyMap<string, string>): string[] {
  const importsOf = new Map(Array.from(sources, ([path, text]) => [path, importsIn(text)]));
  return [
    ...[...importsOf].flatMap(([path, imports]) => fileFaults(floors, path, imports)),
    ...findCircles(importsOf),
  ];
}

/** Every import that TypeScript's own scanner sees: of values and types, `export … from`, and lazy ones. */
function importsIn(text: string): readonly string[] {
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
}

function fileFaults(floors: Floors, path: string, imports: readonly string[]): string[] {
  const folder = folderOf(path);
  const floor = floors.get(folder);
  if (folder === '') return [`${path} stands in no folder. Fix: move it to the floor it serves.`];
  if (floor === undefined) {
    return [
      `${path}: ${folder}/ has no row in src/ARCHITECTURE.md. Fix: add one, or move the file.`,
    ];
  }
  return imports.flatMap((name) => {
    const found = { path, folder, floor, name };
    return name.startsWith('.') ? relativeFault(floors, found) : packageFault(floors, found);
  });
}

function relativeFault(floors: Floors, { path, folder, floor, name }: Import): string[] {
  const targetFolder = folderOf(posix.join(posix.dirname(path), name));
  const target = floors.get(targetFolder);
  if (!/\.ts$|\.generated\.js$/.test(name)) {
    return [`${path} imports '${name}'. Fix: write '${name.replace(/\.js$/, '')}.ts'.`];
  }
  if (target === undefined) return [`${path} imports '${name}', which stands on no floor.`];
  if (targetFolder === folder || target.height < floor.height) return [];
  return [
    `${path} imports '${name}': ${folder} (floor ${floor.height}) may not import ${targetFolder} (floor ${target.height}). ` +
      `Fix: take it as a parameter from the floor above, or move what both need down to model/.`,
  ];
}

function packageFault(floors: Floors, { path, folder, floor, name }: Import): string[] {
  const isNode = name.startsWith('node:');
  const wanted = isNode ? name : (/^(@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name);
  const opens = ({ packages }: Floor) =>
    packages.includes(wanted) || (isNode && packages.includes('node:*'));
  if (opens(floor)) return [];
  const doors = [...floors].filter(([, other]) => opens(other)).map(([other]) => `${other}/`);
  const fix =
    doors.length > 0
      ? `it comes in through ${doors.join(' and ')} only: ask there for what you need`
      : `no row of src/ARCHITECTURE.md lists ${wanted}: do without, or give it one door`;
  return [`${path} imports '${name}' into ${folder}/. Fix: ${fix}.`];
}

/** Each circle once, as the path that comes back to its first file. */
function findCircles(importsOf: ReadonlyMap<string, readonly string[]>): string[] {
  const circles: string[] = [];
  const done = new Set<string>();
  const walk = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) {
      const circle = [...trail.slice(start), path].join(' → ');
      circles.push(`${circle} is a circle. Fix: move what both ends need to a file of its own.`);
    } else if (!done.has(path)) {
      for (const name of importsOf.get(path) ?? []) {
        if (name.startsWith('.')) walk(posix.join(posix.dirname(path), name), [...trail, path]);
      }
      done.add(path);
    }
  };
  for (const path of importsOf.keys()) walk(path, []);
  return circles;
}

/** 'src/core/render/plan.ts' → 'core'; '' for a file directly in src/ or outside it. */
function folderOf(path: string): string {
  return path.split('/').slice(1, -1)[0] ?? '';
}
