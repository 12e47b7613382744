import { World } from './world.ts';

/** A program for leftovers.test.ts: runs a container, says where, and waits to be ended. */
const world = await World.make({ agent: false });
const container = await world.run(['sleep', 'infinity']);
const pid = 'pid' in container.state ? container.state.pid : 0;
process.stdout.write(`${JSON.stringify({ pids: [world.supervisor?.pid, pid], ...world.place })}\n`);
