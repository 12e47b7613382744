import type { LogLine } from '@plimsoll/protocol';
import { connectAgent } from '../agent-connection.ts';
import { parseInteger, parseTime } from '../options/quantities.ts';
import { printLog } from '../reports/print-log.ts';
import { write } from '../reports/terminal.ts';
import { defineVerb, exactlyOne } from '../verb.ts';

export const logs = defineVerb({
  usage: '[options] CONTAINER',
  summary: 'show what a container has written',
  options: {
    follow: { type: 'boolean', short: 'f', default: false },
    tail: { type: 'string', short: 'n' },
    since: { type: 'string' },
    until: { type: 'string' },
    timestamps: { type: 'boolean', short: 't', default: false },
    json: { type: 'boolean', default: false },
  },
  optionHelp: {
    follow: 'go on until it ends',
    tail: 'only so many lines from the end',
    since: 'from a time on: 90s, 15m, 1h ago, or as 2026-11-25 or 2026-11-25T13:00',
    until: 'up to a time',
    timestamps: 'the time before each line',
    json: 'one JSON object a line, with time and stream',
  },
  fields: { tail: ['tail'], since: ['since'], until: ['until'] },
  examples: ['logs -f --tail 20 web', 'logs -t --since 15m web'],
  async run({ follow, tail, since, until, timestamps, json }, positionals, context) {
    const container = exactlyOne(positionals, 'one container');
    const now = Date.now();
    const request = {
      container,
      follow,
      tail: tail === undefined || tail === 'all' || tail === '-1' ? undefined : parseInteger(tail, '--tail'),
      since: since === undefined ? undefined : parseTime(since, '--since', now),
      until: until === undefined ? undefined : parseTime(until, '--until', now),
    };
    using client = connectAgent(context);
    const before = timestamps ? timesOfLines() : undefined;
    let exitCode = 0;
    for await (const batch of client.logs(request)) {
      // The line says how many.
      if (batch.some(({ lostBytes }) => lostBytes !== undefined)) exitCode = 1;
      if (json) await write(context.stdout, batch.map((line) => `${JSON.stringify(line)}\n`).join(''));
      else await printLog(context, batch, before);
    }
    return exitCode;
  },
});

/** The time of a line that goes on is that of its beginning. */
function timesOfLines(): (line: LogLine) => string {
  const goesOn = { stdout: false, stderr: false };
  return ({ at, stream, partial }) => {
    const isBegun = goesOn[stream];
    goesOn[stream] = partial;
    return isBegun ? '' : `${at} `;
  };
}
