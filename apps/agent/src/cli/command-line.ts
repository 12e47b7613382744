import { PlimsollError } from '@plimsoll/protocol';
import { asTyped, parseArguments } from './arguments.ts';
import type { Context } from './context.ts';
import { printError } from './error-report.ts';
import { print } from './terminal.ts';
import { describeVerb, overview } from './usage.ts';
import { OptionError, UsageError, type Verb } from './verb.ts';
import { alertCreate, alertList, alertRemove, alertTest } from './verbs/alert.ts';
import { cgroupFreeze, cgroupInspect, cgroupKill, cgroupList, cgroupThaw } from './verbs/cgroup.ts';
import { doctor } from './verbs/doctor.ts';
import { events } from './verbs/events.ts';
import { freeze } from './verbs/freeze.ts';
import { groupCreate, groupFreeze, groupKill, groupList, groupRemove, groupSet, groupThaw } from './verbs/group.ts';
import { imageImport, imageList, imageRemove } from './verbs/image.ts';
import { inspect } from './verbs/inspect.ts';
import { isolation } from './verbs/isolation.ts';
import { kill } from './verbs/kill.ts';
import { logs } from './verbs/logs.ts';
import { namespaces } from './verbs/namespaces.ts';
import { ps } from './verbs/ps.ts';
import { rm } from './verbs/rm.ts';
import { run } from './verbs/run.ts';
import { shutdown } from './verbs/shutdown.ts';
import { stats } from './verbs/stats.ts';
import { stop } from './verbs/stop.ts';
import { thaw } from './verbs/thaw.ts';
import { update } from './verbs/update.ts';
import { url } from './verbs/url.ts';
import { ledgerVerify, usage } from './verbs/usage.ts';
import { version } from './verbs/version.ts';
import { volumeCreate, volumeList, volumeRemove } from './verbs/volume.ts';

const VERBS: ReadonlyMap<string, Verb> = new Map(
  Object.entries({
    run,
    ps,
    inspect,
    isolation,
    logs,
    stats,
    events,
    freeze,
    thaw,
    stop,
    kill,
    rm,
    update,
    'group ls': groupList,
    'group create': groupCreate,
    'group set': groupSet,
    'group freeze': groupFreeze,
    'group thaw': groupThaw,
    'group kill': groupKill,
    'group rm': groupRemove,
    'cgroup ls': cgroupList,
    'cgroup inspect': cgroupInspect,
    'cgroup freeze': cgroupFreeze,
    'cgroup thaw': cgroupThaw,
    'cgroup kill': cgroupKill,
    namespaces,
    'image ls': imageList,
    'image import': imageImport,
    'image rm': imageRemove,
    'volume ls': volumeList,
    'volume create': volumeCreate,
    'volume rm': volumeRemove,
    'alert ls': alertList,
    'alert create': alertCreate,
    'alert rm': alertRemove,
    'alert test': alertTest,
    usage,
    'ledger verify': ledgerVerify,
    doctor,
    url,
    shutdown,
    version,
  }),
);

const USAGE_EXIT_CODE = 2;
/** What `run` answers with when the command in the container could not be found or executed; as docker and the shell do. */
const RUN_EXIT_CODES: Partial<Record<PlimsollError['code'], number>> = {
  'command-not-found': 127,
  'command-not-executable': 126,
};

/** Runs one command. Resolves with its exit code when all its output is written. */
export async function main(words: readonly string[], context: Context): Promise<number> {
  const [first, second] = words;
  const name = VERBS.has(`${first} ${second}`) ? `${first} ${second}` : (first ?? 'help');
  const verb = VERBS.get(name);
  const exitCode =
    verb === undefined
      ? await withoutVerb(words, context)
      : await runVerb({ name, verb, args: words.slice(name.split(' ').length) }, context);
  await context.flush();
  return endsByLoss(verb, context) ? context.lossExitCode : exitCode;
}

async function withoutVerb(words: readonly string[], context: Context): Promise<number> {
  const [first] = words;
  if (first === undefined || first === 'help' || first === '--help' || first === '-h') return help(context, words.slice(1));
  if (first === '--version' || first === '-v') return await version.run({} as never, [], context);
  const verbs = [...VERBS.keys()].filter((known) => known.startsWith(`${first} `));
  return wrong(context, verbs.length > 0 ? `say ${verbs.join(', ')}` : `there is no verb "${first}"`);
}

async function runVerb(
  { name, verb, args }: { name: string; verb: Verb; args: readonly string[] },
  context: Context,
): Promise<number> {
  try {
    const { values, positionals } = parseArguments(
      { ...verb, options: { ...verb.options, help: { type: 'boolean', short: 'h' } } },
      args,
    );
    if (values['help'] === true) {
      print(context, describeVerb(name, verb));
      return 0;
    }
    return await verb.run(values as never, positionals, context);
  } catch (error) {
    if (endsByLoss(verb, context)) return context.lossExitCode;
    if (error instanceof UsageError) {
      const message = error instanceof OptionError ? asTyped(error, verb, args) : error.message;
      context.stderr.write(`plimsoll ${name}: ${message} (see plimsoll ${name} --help)\n`);
      return verb.usageExitCode;
    }
    if (!(error instanceof PlimsollError)) throw error;
    printError(context, error);
    return verb.takesCommand ? (RUN_EXIT_CODES[error.code] ?? verb.usageExitCode) : 1;
  }
}

/**
 * `plimsoll logs x | head` ends when its reader does, without an error. A verb that runs a command ends the command
 * first, and gives the command's exit code.
 */
function endsByLoss(verb: Verb | undefined, { outputLost }: Context): boolean {
  return outputLost.aborted && verb?.takesCommand !== true;
}

function help(context: Context, words: readonly string[]): number {
  const name = words.join(' ');
  const verb = VERBS.get(name);
  if (name !== '' && verb === undefined) return wrong(context, `there is no verb "${name}"`);
  print(context, verb === undefined ? overview(VERBS) : describeVerb(name, verb));
  return 0;
}

function wrong({ stderr }: Context, message: string): number {
  stderr.write(`plimsoll: ${message} (see plimsoll help)\n`);
  return USAGE_EXIT_CODE;
}
