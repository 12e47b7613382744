import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readLdSoConf, SharedLibraries } from './shared-libraries.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'plimsoll-ld-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

describe('readLdSoConf', () => {
  it('follows includes, relative ones and patterns too, and leaves comments out', () => {
    mkdirSync(join(directory, 'conf.d'));
    writeFileSync(join(directory, 'ld.so.conf'), 'include conf.d/*.conf\n/usr/local/lib/ # ours\n#/no\nhwcap 0 nosegneg\n');
    writeFileSync(join(directory, 'conf.d/b.conf'), '/opt/b\n');
    writeFileSync(join(directory, 'conf.d/a.conf'), `/opt/a\ninclude ${directory}/ld.so.conf\n`);
    expect(readLdSoConf(join(directory, 'ld.so.conf'))).toEqual(['/opt/a', '/opt/b', '/usr/local/lib']);
  });

  it('is empty where there is none', () => {
    expect(readLdSoConf(join(directory, 'nothing'))).toEqual([]);
  });
});

describe('SharedLibraries', () => {
  const shell = realpathSync('/bin/sh');

  it('finds the linker and the C library of a program', () => {
    const names = new SharedLibraries().of(shell).map(({ path }) => basename(path));
    expect(names).toEqual(expect.arrayContaining([expect.stringMatching(/^ld-/), expect.stringMatching(/^libc\./)]));
  });

  it('puts libraries where a linker without a cache looks', () => {
    const placements = new SharedLibraries().of(shell);
    for (const { source, path } of placements) {
      expect(path).toMatch(/^(?:\/usr)?\/lib(?:64)?\//);
      expect(realpathSync(source)).toBe(source);
    }
  });

  it('passes over a file of that name that is no library', () => {
    writeFileSync(join(directory, 'libc.so.6'), 'not a library');
    expect(new SharedLibraries([directory]).of(shell).map(({ source }) => source)).not.toContain(join(directory, 'libc.so.6'));
  });

  it('adds a library that is loaded at run time only where there is one', () => {
    const libraries = new SharedLibraries();
    expect(libraries.of(shell, ['libplimsoll-has-none.so.9'])).toEqual(libraries.of(shell));
  });
});
