import type { ServerResponse } from 'node:http';

export const TOO_MANY = 'Too many sign-ins and sessions wait for their check. Try again in a minute.';

export function plain(response: ServerResponse, status: number, sentence: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' }).end(`${sentence}\n`);
}

export function redirect(response: ServerResponse, location: string): void {
  response.writeHead(303, { location, 'cache-control': 'no-store' }).end();
}

export function tooMany(response: ServerResponse): void {
  response.setHeader('retry-after', '60');
  plain(response, 429, TOO_MANY);
}
