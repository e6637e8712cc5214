// The old tool's callbacks, format `query`: a GET with status and message at the end of a run. A receiver never changes how the run ends.
import { createServer, type ServerResponse } from 'node:http';
import { describe, expect, test, type TestContext } from 'vitest';
import { runCli } from '../rig/cli.ts';
import { createWorld, type World } from '../rig/world.ts';

describe.concurrent('a receiver', () => {
  test('is told once of a run that changed something, and not of one that did not', async (context) => {
    const receiver = await listen(context);
    const world = worldFor(context, `${receiver.url}/done?server=web-1`);
    expect(await runCli(world, ['apply', '--yes'])).toMatchObject({ exitCode: 0, stderr: '' });
    expect(receiver.visits).toEqual(['GET /done?server=web-1&status=valid&message=applied']);
    await runCli(world, ['apply', '--yes']);
    expect(receiver.visits).toHaveLength(1);
  });

  test('is told of a failure, with its reason', async (context) => {
    const receiver = await listen(context);
    const world = worldFor(context, receiver.url);
    world.put({ 'etc/bootstrap/upgrade': '#!/bin/sh\nexit 7\n' });
    expect(await runCli(world, ['apply', '--yes'])).toMatchObject({ exitCode: 4 });
    const [visit = '', ...more] = receiver.visits;
    const query = new URL(visit.replace('GET ', ''), receiver.url).searchParams;
    expect(more).toEqual([]);
    expect(query.get('status')).toBe('invalid');
    expect(query.get('message')).toContain('etc/bootstrap/upgrade failed with exit code 7');
  });

  test('is told nothing by a plan, nor by an apply that nobody confirmed', async (context) => {
    const receiver = await listen(context);
    const world = worldFor(context, receiver.url);
    await runCli(world, ['plan']);
    await runCli(world, ['apply']);
    expect(receiver.visits).toEqual([]);
  });

  test('that is down is a warning', async (context) => {
    const world = worldFor(context, 'http://127.0.0.1:1');
    const { exitCode, stdout, stderr } = await runCli(world, ['apply', '--yes']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain(
      'warning: callback to 127.0.0.1:1: connection refused; the next try is',
    );
  });

  test.for([500, 302])(
    'that answers %d is a warning, and is not followed',
    async (status, context) => {
      const receiver = await listen(context, (response) =>
        response.writeHead(status, { location: '/elsewhere' }).end(),
      );
      const world = worldFor(context, receiver.url);
      const { exitCode, stdout } = await runCli(world, ['apply', '--yes']);
      expect(exitCode).toBe(0);
      expect(stdout).toContain(
        `warning: callback to ${new URL(receiver.url).host}: it answered ${status}; the next try is`,
      );
      expect(receiver.visits).toEqual(['GET /?status=valid&message=applied']);
    },
  );

  test('that never answers delays the end for a few seconds, and is a warning', async (context) => {
    const receiver = await listen(context, () => undefined);
    const world = worldFor(context, receiver.url);
    const { exitCode, stdout } = await runCli(world, ['apply', '--yes']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('warning: callback to 127.0.0.1:');
  });

  test('at an address of cloud metadata is refused before anything is done', async (context) => {
    const world = worldFor(context, 'http://169.254.169.254/latest');
    const { exitCode, stderr } = await runCli(world, ['apply', '--yes']);
    expect(exitCode).toBe(65);
    expect(stderr).toContain('169.254.169.254 is a metadata address');
    expect(world.text('var')).toBeNull();
  });
});

interface Receiver {
  readonly url: string;
  readonly visits: readonly string[];
}

type Answer = (response: ServerResponse) => void;

async function listen(
  { onTestFinished }: TestContext,
  answer: Answer = (response) => response.end('ok'),
): Promise<Receiver> {
  const visits: string[] = [];
  const server = createServer(({ method, url }, response) => {
    visits.push(`${method} ${url}`);
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return { url: `http://127.0.0.1:${port}`, visits };
}

function worldFor({ onTestFinished }: TestContext, url: string): World {
  const world = createWorld({
    'etc/bootstrap/bootstrap.ini': '[product: web]\nupgrade-script = /etc/bootstrap/upgrade\n',
    'etc/bootstrap/upgrade': '#!/bin/sh\nexit 0\n',
    'desired-state.yaml': `apiVersion: bootstrap/v1
server: {mode: idle}
products: {web: {version: "1"}}
callbacks: [{url: "${url}", format: query}]
`,
  });
  onTestFinished(() => world.end());
  return world;
}
