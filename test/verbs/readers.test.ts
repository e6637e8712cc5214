// A shell script that reads the old files while verbs are at work sees the old tool's words, and nothing else.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { compareText } from '../../src/model/text-order.ts';
import { runCli } from '../rig/cli.ts';
import { OLD_TREE, worldFor } from './control-plane.ts';

const READER = `while [ ! -e "$1/stop" ]; do
  printf '%s|%s|%s\\n' "$(cat "$1/var/bootstrap/server-mode")" \\
    "$(cat "$1/var/bootstrap/products/gateway/status")" "$(cat "$1/var/bootstrap/products/gateway/version")"
done`;
const TEST_MS_MAX = 120_000;

test(
  'every word that is ever seen is one of the old tool',
  { timeout: TEST_MS_MAX },
  async (context) => {
    const world = worldFor(context, { ...OLD_TREE, slow: '0.3', 'fails-bad': '' });
    world.put({ 'etc/bootstrap/mode': '#!/bin/sh\nsleep 0.3\n' });
    const reader = spawn('/bin/sh', ['-c', READER, 'sh', world.root], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const seen = { out: '', err: '' };
    reader.stdout.setEncoding('utf8').on('data', (text: string) => (seen.out += text));
    reader.stderr.setEncoding('utf8').on('data', (text: string) => (seen.err += text));
    const ended = once(reader, 'close');
    context.onTestFinished(() => void reader.kill('SIGKILL'));
    const verbs = [
      'product.upgrade gateway 2.0',
      'product.upgrade gateway bad',
      'server.mode idle',
      'product.set gateway version 3.0',
      'server.provision',
    ];
    const codes: (number | null)[] = [];
    for (const words of verbs) codes.push((await runCli(world, words.split(' '))).exitCode);
    world.put({ stop: '' });
    await ended;
    expect(codes).toEqual([0, 1, 0, 0, 0]);
    expect(seen.err).toBe('');
    const rows = seen.out
      .trim()
      .split('\n')
      .map((line) => line.split('|'));
    const [modes, statuses, versions] = [0, 1, 2].map((column) =>
      [...new Set(rows.map((row) => row[column] ?? ''))].toSorted(compareText),
    );
    expect(modes).toEqual(['idle', 'mode-updating', 'production', 'provisioning']);
    // What failed reads so until it was taken back.
    expect(statuses).toEqual(['invalid', 'upgrading', 'valid']);
    expect(versions).toEqual(['1.0', '2.0', '3.0']);
  },
);
