import type { IncomingMessage, ServerResponse } from 'node:http';

/** Renders a page. Apart from Next, whose types would change Node's for all who import this. */
export type PageHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;
