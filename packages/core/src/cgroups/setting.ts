/** One write to one cgroup file. */
export interface Setting {
  file: string;
  value: string;
  purpose: string;
}

/** Thrown where a limit is asked for whose controller this host lacks. */
export class MissingController extends Error {
  override readonly name = 'MissingController';
  readonly controller: string;
  constructor(controller: string, wanted: string) {
    super(`${wanted} needs the ${controller} controller, which this host's kernel has not mounted or enabled`);
    this.controller = controller;
  }
}
