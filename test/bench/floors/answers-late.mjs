// Answers `GET /MS` after so many milliseconds; says on which port of 127.0.0.1, and ends with its stdin.
import { createServer } from 'node:http';

const server = createServer((request, response) => {
  setTimeout(() => response.end('ok'), Number(request.url.slice(1)));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.resume().once('end', () => process.exit());
