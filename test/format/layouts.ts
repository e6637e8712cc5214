import fc from 'fast-check';

/** What a random file holds. */
export interface Tree {
  readonly [key: string]: Tree | TreeScalar | readonly TreeScalar[];
}

/** A value as it is written. */
export interface TreeScalar {
  readonly written: string;
  readonly isLong?: boolean;
}

/** A random file: its tree, and how it is laid out. */
export interface Layout {
  readonly tree: Tree;
  readonly step: number;
  readonly lineBreak: string;
  readonly mark: string;
  readonly hasEnd: boolean;
  /** Each line takes the next of these: comments and blank lines above it, a comment on it, braces. */
  readonly dice: readonly number[];
}

/** A value of a tree, by its path. */
export interface Leaf {
  readonly path: readonly string[];
  /** Written on several lines. */
  readonly isLong: boolean;
}

const keys = fc.constantFrom('a', 'b', 'c', 'web', 'db', '"no"', "'x y'", 'k-1', 'é');
const scalars: fc.Arbitrary<TreeScalar> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      ...[
        '1',
        '1.5',
        'text',
        '"1.10"',
        "'it''s'",
        '"a # b"',
        'a#b',
        'true',
        '~',
        '',
        'two words',
        'http://x:80',
        '"\\n"',
      ].map((written) => ({ written })),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ...['|\n@x\n@ y', '>-\n@x\n@y', '|+\n@x\n', '|2-\n@  x', '"x\n@y"'].map((written) => ({
        written,
        isLong: true,
      })),
    ),
  },
);

const trees = fc
  .letrec<{ tree: Tree; node: Tree[string] }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      scalars,
      tie('tree'),
      fc.array(
        scalars.filter(({ isLong, written }) => isLong !== true && written !== ''),
        { maxLength: 3 },
      ),
    ),
    tree: fc.dictionary(keys, tie('node'), { maxKeys: 4, noNullPrototype: true }),
  }))
  .tree.filter((tree) => Object.keys(tree).length > 0);

/** Random files, in every layout that people write. */
export const layouts: fc.Arbitrary<Layout> = fc.record({
  tree: trees,
  step: fc.constantFrom(1, 2, 2, 4),
  lineBreak: fc.constantFrom('\n', '\n', '\r\n'),
  mark: fc.constantFrom('', '', '\uFEFF'),
  hasEnd: fc.boolean(),
  dice: fc.array(fc.nat(11), { minLength: 20, maxLength: 20 }),
});

/** The text of a random file. */
export function rendered({ tree, step, lineBreak, mark, hasEnd, dice }: Layout): string {
  let thrown = 0;
  const roll = (): number => dice[thrown++ % dice.length] ?? 0;
  const lines = blockLines(tree, 0);
  return mark + lines.join('\n').replaceAll('\n', lineBreak) + (hasEnd ? lineBreak : '');

  function blockLines(map: Tree, column: number): readonly string[] {
    const pad = ' '.repeat(column);
    return Object.entries(map).flatMap(([key, value]): readonly string[] => {
      const above = [[], [`${pad}# above`], [''], ['', '# far left', '']][roll()] ?? [];
      const behind = roll() < 3 ? '  # behind' : '';
      const isFlow = roll() < 3;
      if (isScalar(value)) {
        const [first = '', ...more] = value.written.split('\n');
        const rest = more.map((line) =>
          line === '' ? '' : pad + ' '.repeat(step) + line.slice(1),
        );
        return [
          ...above,
          `${pad}${key}:${first === '' ? '' : ' '.repeat(1 + (roll() % 3 === 0 ? 2 : 0))}${first}${first.startsWith('"x') ? '' : behind}`,
          ...rest,
        ];
      }
      if (isFlow || Object.keys(value).length === 0)
        return [...above, `${pad}${key}: ${flow(value)}${behind}`];
      if (!isMap(value))
        return [
          ...above,
          `${pad}${key}:${behind}`,
          ...value.map(({ written }) => `${pad}${step === 2 ? '' : ' '}- ${written}`),
        ];
      return [...above, `${pad}${key}:${behind}`, ...blockLines(value, column + step)];
    });
  }

  function flow(value: Tree[string]): string {
    if (isScalar(value)) return value.isLong === true ? 'long' : value.written;
    const blank = roll() < 5 ? ' ' : '';
    const comma = roll() < 2 ? ',' : '';
    const [open, close] = isMap(value) ? '{}' : '[]';
    const inner = isMap(value)
      ? Object.entries(value).map(([key, each]) => `${key}: ${flow(each)}`)
      : value.map(flow);
    return inner.length === 0
      ? `${open}${blank}${close}`
      : `${open}${blank}${inner.join(`,${blank}`)}${comma}${blank}${close}`;
  }
}

/** Every value of a tree, those of lists left out. */
export function leavesOf(tree: Tree, path: readonly string[] = []): readonly Leaf[] {
  return Object.entries(tree).flatMap(([key, value]): readonly Leaf[] => {
    const here = [...path, key.replaceAll(/^["']|["']$/g, '')];
    if (isScalar(value)) return [{ path: here, isLong: value.isLong === true }];
    return isMap(value) ? leavesOf(value, here) : [];
  });
}

function isScalar(value: Tree[string]): value is TreeScalar {
  return 'written' in value;
}

function isMap(value: Tree | readonly TreeScalar[]): value is Tree {
  return !Array.isArray(value);
}
