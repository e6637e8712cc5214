// web 2: a page with the setting `greeting`. The store, at the setting `store-url`, counts the visitors.
//   GET /        the page
//   GET /stats   the count as JSON, for machines, which are not visitors; new in 2
export const name = 'web';
export const version = '2';

export async function answer(request, response, settings) {
  if (request.url === '/') {
    const visitor = await ask('POST', settings);
    response.end(
      `${settings.greeting} You are visitor ${visitor}. (web ${version}, with /stats)\n`,
    );
  } else if (request.url === '/stats') {
    const visitors = await ask('GET', settings);
    response.end(`${JSON.stringify({ visitors })}\n`);
  } else {
    response.writeHead(404).end('Not here.\n');
  }
}

async function ask(method, settings) {
  const url = `${settings['store-url']}/counters/visitors`;
  const store = await fetch(url, { method, signal: AbortSignal.timeout(2_000) });
  return Number(await store.text());
}
