import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from '../client/connect.ts';
import { diskError } from '../disk-failure.ts';
import { typedName } from '../command-link.ts';
import type { StateRoot } from '../state-root.ts';
import { basePath } from './base-path.ts';
import { bundleCommandLine, linkCommand, warmCommandLine } from './command-line.ts';
import { damagedStores, hostGaps } from './host-gaps.ts';
import { COMPILE_CACHE } from './environment.ts';
import { KeptProcess } from './kept-process.ts';
import { say } from './output.ts';
import { signInUrl, writeWebInfo } from './running-already.ts';
import { requireReadableState } from './readable-state.ts';
import { SupervisorProcess } from './supervisor-process.ts';
import { ensureWebApp } from './web-app.ts';
import { takeWebUser } from './web-user.ts';

const AGENT = join(import.meta.dirname, '../agent/main.ts');

/**
 * Runs web and agent beside the supervisor until `interrupted`, or until `plimsoll shutdown` has ended the others. Throws
 * where something does not come up at first; what dies later is started again.
 */
export async function launch(state: StateRoot, interrupted: AbortSignal): Promise<void> {
  const base = basePath();
  requireReadableState(state);
  await using owned = new AsyncDisposableStack();
  const uid = String(owned.use(await takeWebUser(state)).uid);
  const [webServer] = await Promise.all([ensureWebApp(state, base, interrupted), bundleCommandLine()]);
  const supervisor = owned.use(new SupervisorProcess(state));
  await reach(supervisor);

  const agent = new KeptProcess({
    name: 'agent',
    script: AGENT,
    environment: () => ({ ...COMPILE_CACHE, PLIMSOLL_WEB_UID: uid }),
    // It ends by itself, and well, only when it was told to shut down: the supervisor is gone then too.
    isDone: async ({ code }) => code === 0 && (await supervisor.isGone()),
  });
  owned.defer(() => agent.stop());
  // Before the web process begins, whose pages name the command.
  linkCommand(state);
  let port = process.env['PLIMSOLL_PORT'] ?? '';
  const web = new KeptProcess({
    name: 'web',
    script: webServer,
    // Once it has a port it keeps it: open pages and links know it.
    environment: () => ({
      PLIMSOLL_WEB_UID: uid,
      PLIMSOLL_AGENT_SOCKET: state.webSocket,
      PLIMSOLL_PORT: port,
      PLIMSOLL_BASE_PATH: base,
      PLIMSOLL_COMMAND: typedName(),
    }),
    isDone: () => Promise.resolve(false),
  });
  owned.defer(() => web.stop());

  interrupted.throwIfAborted();
  const over = Promise.race([once(interrupted, 'abort'), agent.done, supervisor.keep(interrupted)]);
  const ready = await Promise.race([Promise.all([agent.ready, web.ready]), over.then(() => undefined)]);
  if (ready) {
    port = String(ready[1].port);
    owned.defer(() => rm(state.webInfo, { force: true }));
    await announce(state, `http://127.0.0.1:${port}${base}`);
    // What is slower without it is the first command alone.
    warmCommandLine().catch(() => {});
  }

  await over;
  if (!interrupted.aborted) {
    say('Plimsoll was shut down: no container runs any more.');
    return;
  }
  say('Ending web and agent …');
  const { containers } = supervisor;
  await owned.disposeAsync();
  say(
    containers === 0
      ? `Web and agent have ended. No container runs; \`${typedName()} shutdown\` ends the supervisor too.`
      : `Web and agent have ended. ${count(containers)} on: \`${typedName()} shutdown\` stops everything, \`npm start\` comes back to it.`,
  );
}

async function reach(supervisor: SupervisorProcess): Promise<void> {
  const found = await supervisor.reach();
  const { containers } = supervisor;
  if (found === 'attached') say(`The supervisor was running already: attached to it (${count(containers)} on).`);
  else if (found === 'replaced') say(`The supervisor was of another version: replaced by this one (${count(containers)} on).`);
  else if (containers > 0) say(`The supervisor is started (${count(containers)} on).`);
}

/** The last line is what scripts and tests wait for. */
async function announce(state: StateRoot, url: string): Promise<void> {
  await writeWebInfo(state, url).catch((error: unknown) => sayUnwritten(error));
  using agent = await connect(state);
  const report = await agent.command('host.report', {});
  for (const line of [...hostGaps(report), ...damagedStores(report)]) say(line);
  say(`Plimsoll is ready: ${await signInUrl(agent, url)}`);
}

/** Without the file, only a second `npm start` lacks the address. */
function sayUnwritten(error: unknown): void {
  const disk = diskError(error);
  if (disk === null) throw error;
  say(`${sentence(disk.message)} ${disk.hint}`);
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function count(containers: number): string {
  if (containers === 0) return 'no container goes';
  return containers === 1 ? '1 container goes' : `${containers} containers go`;
}
