import type { OciConfig } from '@plimsoll/core';
import { isolationSettings } from '../isolation-settings.ts';
import type { ContainerDefinition, ContainerRecord } from '../protocol.ts';

/** What never changes of a record. */
export type FixedRecord = Omit<ContainerRecord, 'limits' | 'incarnation' | 'state' | 'lastExit' | 'fallback'>;

export function fixedRecord(definition: ContainerDefinition, config: OciConfig): FixedRecord {
  const {
    config: _config,
    version: _version,
    limits: _limits,
    sharing: _sharing,
    seccomp: _seccomp,
    attended: _attended,
    ...rest
  } = definition;
  const { process, hostname, linux } = config;
  return {
    ...rest,
    command: process.args,
    env: Object.fromEntries(process.env.map((variable) => splitAt(variable, variable.indexOf('=')))),
    workdir: process.cwd,
    hostname: hostname ?? '',
    isolation: isolationSettings(definition, config),
    cgroup: linux.cgroupsPath,
  };
}

function splitAt(text: string, index: number): [string, string] {
  return [text.slice(0, index), text.slice(index + 1)];
}
