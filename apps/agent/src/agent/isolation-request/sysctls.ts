import { namespaceOfSysctl } from '@plimsoll/core';
import { PlimsollError, type IsolationRequest } from '@plimsoll/protocol';
import { ownerInWords, type Namespaces } from './namespaces.ts';

/** Throws `bad-request` for a sysctl that would be set for the host, or for another container. */
export function requireOwnSysctls(sysctls: IsolationRequest['sysctls'], namespaces: Namespaces): void {
  for (const name of Object.keys(sysctls)) {
    const type = namespaceOfSysctl(name);
    if (type === null) throw ofTheHost(name);
    const mode = namespaces[type];
    if (mode === 'private') continue;
    throw new PlimsollError(
      'bad-request',
      `${name} would be set for ${ownerInWords(mode)} as well, whose ${type} namespace this is`,
      { field: 'sysctls', hint: `Leave it out, or give the container a ${type} namespace of its own.` },
    );
  }
}

function ofTheHost(name: string): PlimsollError {
  if (/^kernel[./]hostname$/.test(name)) {
    return new PlimsollError('bad-request', `${name} is set as the container's host name`, {
      field: 'sysctls',
      hint: 'Use --hostname.',
    });
  }
  return new PlimsollError('bad-request', `${name} is of the whole host: no namespace has one of its own`, {
    field: 'sysctls',
    hint: 'A container has net.*, fs.mqueue.*, kernel.msg*, kernel.sem, kernel.shm* and kernel.domainname to itself.',
  });
}
