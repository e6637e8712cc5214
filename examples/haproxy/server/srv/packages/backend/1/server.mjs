// server.mjs CONFIG PIDFILE: a small real HTTP service, so that HAProxy has something to stand in front of.
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';

const VERSION = '1';
const [configFile, pidFile] = process.argv.slice(2);

// `key = value` lines; comments and sections are passed over.
const settings = Object.fromEntries(
  readFileSync(configFile, 'utf8')
    .split('\n')
    .map((line) => /^\s*([\w-]+)\s*=\s*"?(.*?)"?\s*$/.exec(line))
    .filter((match) => match !== null)
    .map(([, key, value]) => [key, value]),
);

const server = createServer((request, response) => {
  response.setHeader('content-type', 'text/plain');
  response.end(`${settings.greeting ?? 'hello'} from backend ${VERSION}\n`);
});

// Written when it listens, and renamed into place: who reads the pid file finds a server that answers, and a whole number.
server.listen(Number(settings.port), '127.0.0.1', () => {
  writeFileSync(`${pidFile}.new`, `${process.pid}\n`);
  renameSync(`${pidFile}.new`, pidFile);
});

process.on('SIGTERM', () => {
  rmSync(pidFile, { force: true });
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
