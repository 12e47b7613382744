import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RUNNER } from './runner.ts';

const SOURCE = join(import.meta.dirname, 'runner-x64.s');
const hasBinutils = ['as', 'objcopy', 'objdump'].every((tool) => spawnSync(tool, ['--version']).status === 0);

test.skipIf(!hasBinutils)('the bytes are what the assembler makes of the listing beside them', () => {
  const directory = mkdtempSync(join(tmpdir(), 'plim-runner-'));
  try {
    const object = join(directory, 'runner.o');
    const text = join(directory, 'runner.bin');
    execFileSync('as', ['--64', SOURCE, '-o', object]);
    execFileSync('objcopy', ['-O', 'binary', '-j', '.text', object, text]);
    expect(Buffer.from(RUNNER.x64 ?? []).toString('hex')).toBe(readFileSync(text).toString('hex'));

    // Registers alone, and no address of its own: it must run in pages that anybody maps anywhere.
    const disassembly = execFileSync('objdump', ['-d', object], { encoding: 'utf8' });
    expect(disassembly.match(/\bsyscall\b/g)).toHaveLength(2);
    expect(disassembly).not.toMatch(/\bcall\b|%fs:|%gs:|\(%rip\)|\(%rsp\)/);
    expect(execFileSync('objdump', ['-r', object], { encoding: 'utf8' })).not.toMatch(/R_X86_64/);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
