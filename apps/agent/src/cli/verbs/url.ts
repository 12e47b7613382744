import { readFile } from 'node:fs/promises';
import { PlimsollError } from '@plimsoll/protocol';
import { z } from 'zod';
import { stateRoot } from '../../state-root.ts';
import { connectAgent } from '../agent-connection.ts';
import { print, printJson } from '../reports/terminal.ts';
import { defineVerb, none } from '../verb.ts';

const WebInfo = z.looseObject({ url: z.url(), pid: z.int() });

export const url = defineVerb({
  usage: '[--json]',
  summary: 'print a link that signs a browser in, once, within ten minutes',
  options: { json: { type: 'boolean', default: false } },
  optionHelp: { json: 'as a JSON object, with the time at which it runs out' },
  async run({ json }, positionals, context) {
    none(positionals);
    using client = connectAgent(context);
    const base = await webAddress(stateRoot(context.environment).webInfo);
    const { token, expiresAt } = await client.command('session.invite', {});
    const link = `${base}/sign-in?token=${encodeURIComponent(token)}`;
    if (json) printJson(context, { url: link, expiresAt });
    else print(context, link);
    return 0;
  },
});

async function webAddress(path: string): Promise<string> {
  try {
    const { url: address, pid } = WebInfo.parse(JSON.parse(await readFile(path, 'utf8')));
    // Signal 0 asks only whether the process is there (kill(2)).
    process.kill(pid, 0);
    return address;
  } catch (error) {
    throw new PlimsollError('unavailable', 'the dashboard is not running: start it with `npm start`', { hint: '', cause: error });
  }
}
