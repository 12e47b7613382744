'use client';

import { createContext, use, type ReactNode } from 'react';

/** What a person types on the host: `plimsoll` where it is on the PATH, `npx plimsoll` elsewhere. */
const CommandName = createContext('npx plimsoll');

export function CommandNameProvider({ name, children }: { name: string; children: ReactNode }) {
  return <CommandName value={name}>{children}</CommandName>;
}

/** A command of the command line, to be typed on the host: the words that follow its name. */
export function Typed({ children }: { children: ReactNode }) {
  return (
    <>
      {use(CommandName)} {children}
    </>
  );
}
