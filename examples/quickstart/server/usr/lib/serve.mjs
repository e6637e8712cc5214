// serve.mjs PROGRAM CONFIG PIDFILE: what both daemons have in common. PROGRAM is a module that exports
// its `name`, its `version` and `answer(request, response, settings)`; the settings stand in CONFIG.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';

const [program, configFile, pidFile] = process.argv.slice(2);

// One line in the log says more than a stack: the script that starts us shows it.
process.on('uncaughtException', (error) => {
  log(error.message);
  process.exit(1);
});

const { name, version, answer } = await import(pathToFileURL(program).href);

let settings = readSettings();
let server;

// The pid file says "I listen", so it is written last and goes first.
process.on('SIGTERM', () => {
  rmSync(pidFile, { force: true });
  process.exit(0);
});

process.on('SIGHUP', () => {
  try {
    const fresh = readSettings();
    listen(fresh.port);
    settings = fresh;
  } catch (error) {
    log(`keeps its old settings: ${error.message}`);
  }
});

listen(settings.port);

/** Opens the new port before it leaves the old one: a port that is taken costs no visitor anything. */
function listen(port) {
  if (server?.address().port === Number(port)) return;
  const next = createServer(handle).on('error', (error) => {
    log(error.message);
    if (!server) process.exit(1);
  });
  next.listen(Number(port), '127.0.0.1', () => {
    server?.close();
    server = next;
    writeFileSync(pidFile, `${process.pid}\n`);
    log(`version ${version} listens on http://127.0.0.1:${port}`);
  });
}

async function handle(request, response) {
  response.setHeader('content-type', 'text/plain; charset=utf-8');
  if (request.url === '/healthz') return response.end(`ok ${name} ${version}`);
  try {
    await answer(request, response, settings);
  } catch (error) {
    log(`${request.method} ${request.url}: ${error.message}`);
    response.writeHead(500).end(`${name} cannot answer: ${error.message}\n`);
  }
}

function readSettings() {
  const found = {};
  for (const line of readFileSync(configFile, 'utf8').split('\n')) {
    const [, key, value] = /^\s*([^\s;#=]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (key) found[key] = value.startsWith('"') ? JSON.parse(value) : value;
  }
  return found;
}

function log(text) {
  console.log(`${new Date().toISOString()} ${text}`);
}
