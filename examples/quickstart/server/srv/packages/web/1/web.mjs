// web 1: a page with the setting `greeting`. The store, at the setting `store-url`, counts the visitors.
//   GET /   the page
export const name = 'web';
export const version = '1';

export async function answer(request, response, settings) {
  if (request.url !== '/') return response.writeHead(404).end('Not here.\n');

  const store = await fetch(`${settings['store-url']}/counters/visitors`, {
    method: 'POST',
    signal: AbortSignal.timeout(2_000),
  });
  const visitor = (await store.text()).trim();
  response.end(`${settings.greeting} You are visitor ${visitor}. (web ${version})\n`);
}
