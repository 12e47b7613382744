// Runs in a network of its own, where 127.0.0.77 is the name server: integration/dns-rebinding.test.ts.
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { postWebhook } from '../../../apps/agent/src/agent/alerts/post-webhook.ts';
import { WebhookAllowance } from '../../../apps/agent/src/agent/alerts/webhook-allowance.ts';
import { NameServer } from './name-server.ts';

const OUTSIDE = '8.8.8.8';
const INSIDE = '127.0.0.1';
const ATTEMPTS = 20;

const secret = createServer((incoming, response) => {
  incoming.resume();
  response.end('what only this host may see');
});
secret.listen(0, INSIDE);
await once(secret, 'listening');
let connections = 0;
secret.on('connection', () => (connections += 1));
const { port } = secret.address() as AddressInfo;
const url = `http://rebound.example:${port}/hook`;
const allowance = WebhookAllowance.parse('none', '');

/** Outside at the first look, inside at the next, and so on. */
using names = await NameServer.open('127.0.0.77', (question) => (question % 2 === 0 ? OUTSIDE : INSIDE));
const problems: (string | null)[] = [];
for (let i = 0; i < ATTEMPTS; i++) {
  const { problem } = await postWebhook({ url, secret: 'secret' }, { id: 'x', body: '{}' }, allowance);
  problems.push(problem);
}
const pinned = { connections, questions: names.questions };

/** The same without the address that was checked: a second look. */
await allowance.resolve(url).catch(() => null);
const careless = request(url, { method: 'POST', agent: false });
careless.end('{}');
const isReached = await once(careless, 'response').then(
  () => true,
  () => false,
);
careless.destroy();
console.log(JSON.stringify({ problems, pinned, isReached }));
secret.close();
secret.closeAllConnections();
