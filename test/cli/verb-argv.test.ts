import { describe, expect, test } from 'vitest';
import { commandIn, splitVerb } from '../../src/cli/verb-argv.ts';

describe('the words of a verb', () => {
  test.each<readonly [line: string, options: string, words: readonly string[]]>([
    ['product.set web port 80', 'product.set', ['web', 'port', '80']],
    ['--root /srv product.get web port', 'product.get --root /srv', ['web', 'port']],
    ['product.get web port --root /srv', 'product.get --root /srv', ['web', 'port']],
    ['product.get --root=/srv web port', 'product.get --root=/srv', ['web', 'port']],
    [
      '-f a.yaml product.set -f b.yaml web port 80',
      'product.set -f a.yaml -f b.yaml',
      ['web', 'port', '80'],
    ],
    ['product.set web opts -Xmx512m', 'product.set', ['web', 'opts', '-Xmx512m']],
    ['product.set web opts -vq', 'product.set', ['web', 'opts', '-vq']],
    ['product.set web opts --port=1', 'product.set', ['web', 'opts', '--port=1']],
    ['product.set web opts -v', 'product.set -v', ['web', 'opts']],
    ['product.set web opts -- -v', 'product.set', ['web', 'opts', '-v']],
    ['product.set web -- opts --', 'product.set', ['web', 'opts', '--']],
    ['server.mode server.get', 'server.mode', ['server.get']],
    ['server.mode', 'server.mode', []],
  ])('%s', (line, options, words) => {
    expect(splitVerb(line.split(' '))).toEqual({ options: options.split(' '), words });
  });

  test.each([
    'plan --only web',
    '',
    '--version',
    'product.remove web',
    'plan product.set',
    '--root',
  ])('none in: %s', (line) => {
    const argv = line.split(' ');
    expect(splitVerb(argv)).toEqual({ options: argv, words: [] });
  });
});

describe('the command that is named', () => {
  test.each<readonly [line: string, command: string | undefined]>([
    ['plan', 'plan'],
    ['--root /srv plan --only web', 'plan'],
    ['--root=/srv -q --format json apply', 'apply'],
    ['--root plan apply', 'apply'],
    ['plan --help', 'plan'],
    ['aply', 'aply'],
    // All commands are shown.
    ['--help plan', undefined],
    ['-h', undefined],
    ['', ''],
    ['--version plan', undefined],
    ['--rot /srv plan', undefined],
    ['--root', undefined],
    ['-f x plan --help', undefined],
    ['--file=x plan', undefined],
  ])('%s', (line, command) => {
    expect(commandIn(line.split(' '))).toBe(command);
  });
});
