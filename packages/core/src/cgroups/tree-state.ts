import { flatValue } from './events.ts';
import type { NamedHierarchy } from './hierarchies.ts';
import { readStart } from './small-file.ts';

/** What the kernel says of one cgroup at this moment. */
export interface TreeState {
  /** There are processes in it or below it, in any hierarchy. */
  populated: boolean;
  /** Null: no hierarchy that has it can freeze. */
  frozen: boolean | null;
}

/** `populatedBelow`: something below it is, on v1 the only way to know. Null: it has gone from some of these. */
export function stateOf(path: string, hierarchies: readonly NamedHierarchy[], populatedBelow: boolean): TreeState | null {
  // The root has none of these files.
  if (path === '') return { populated: true, frozen: null };
  let populated = populatedBelow;
  let frozen: boolean | null = null;
  for (const { name, mount } of hierarchies) {
    const directory = `${mount}/${path}`;
    if (name === 'v2') {
      const events = readStart(`${directory}/cgroup.events`);
      if (events === null) return null;
      populated ||= flatValue(events, 'populated') === '1';
      frozen = flatValue(events, 'frozen') === '1';
    } else {
      if (name.split(',').includes('freezer')) {
        frozen = readStart(`${directory}/freezer.state`) === 'FROZEN\n' || frozen === true;
      }
      if (populated) continue;
      const members = readStart(`${directory}/cgroup.procs`, 16);
      if (members === null) return null;
      populated = members !== '';
    }
  }
  return { populated, frozen };
}
