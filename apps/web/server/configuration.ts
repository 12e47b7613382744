import type { BlockList } from 'node:net';
import { isAbsolute } from 'node:path';
import { listed, parseProxies } from './client.ts';

const DEFAULT_PORT = 7070;

export interface Configuration {
  agentSocket: string;
  /** 0: any free port. */
  port: number;
  /** The user to become when started as root. */
  uid: number | null;
  /** What a person types on the host: `plimsoll`, or `npx plimsoll`. */
  command: string;
  /** Further Host headers to answer to, as a reverse proxy passes them on: `plimsoll.example.org`, with a port unless it is the scheme's own. */
  hosts: readonly string[];
  /** Reverse proxies that may say where a request comes from. */
  proxies: BlockList;
  /** Below which everything is served: `/plimsoll`, or ''. The launcher has checked it, and the pages are built for it. */
  basePath: string;
}

/** Throws an Error with a sentence for a person. */
export function readConfiguration(environment: NodeJS.ProcessEnv): Configuration {
  const agentSocket = environment['PLIMSOLL_AGENT_SOCKET'] ?? '';
  if (!isAbsolute(agentSocket)) throw new Error("PLIMSOLL_AGENT_SOCKET must be the absolute path of the agent's socket");
  return {
    agentSocket,
    port: wholeNumber(environment, 'PLIMSOLL_PORT', 65_535) ?? DEFAULT_PORT,
    uid: wholeNumber(environment, 'PLIMSOLL_WEB_UID', 2 ** 32 - 2),
    command: environment['PLIMSOLL_COMMAND'] ?? 'npx plimsoll',
    hosts: parseHosts('PLIMSOLL_HOSTS', environment['PLIMSOLL_HOSTS']),
    proxies: parseProxies('PLIMSOLL_PROXIES', environment['PLIMSOLL_PROXIES']),
    basePath: environment['PLIMSOLL_BASE_PATH'] ?? '',
  };
}

function parseHosts(name: string, text = ''): string[] {
  return listed(text.toLowerCase()).map((entry) => {
    // A browser leaves the port of its scheme out of Host.
    const host = entry.replace(/:(?:80|443)$/, '');
    const isHost = /^[a-z0-9._:[\]-]+$/.test(host) && URL.canParse(`https://${host}`);
    // Punycode, as a browser sends it.
    if (isHost && new URL(`https://${host}`).host === host) return host;
    throw new Error(`${name} has "${entry}": it must be host names with an optional port, as in "plimsoll.example.org"`);
  });
}

function wholeNumber(environment: NodeJS.ProcessEnv, name: string, most: number): number | null {
  const text = environment[name];
  if (text === undefined || text === '') return null;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > most) throw new Error(`${name} is "${text}": it must be a whole number from 0 to ${most}`);
  return value;
}
