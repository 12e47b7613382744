import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { DatabaseSync } from 'node:sqlite';

// Opens the ledger at a path, and kills itself after so many steps: node killed-rescue.fixture.ts PATH HOST STEPS. A step is a rename, a copy, or
// some commits.
const COMMITS = 4;
const [path = '', host = '', steps = ''] = process.argv.slice(2);
let done = 0;
let commits = 0;
function step(): void {
  done += 1;
  if (done === Number(steps)) process.kill(process.pid, 'SIGKILL');
}

const { renameSync, copyFileSync } = fs;
Object.assign(fs, {
  renameSync: (...args: Parameters<typeof renameSync>) => (renameSync(...args), step()),
  copyFileSync: (...args: Parameters<typeof copyFileSync>) => (copyFileSync(...args), step()),
});
syncBuiltinESMExports();
// oxlint-disable-next-line typescript/unbound-method -- called on its object below
const { exec } = DatabaseSync.prototype;
DatabaseSync.prototype.exec = function (this: DatabaseSync, sql: string): void {
  exec.call(this, sql);
  if (sql === 'COMMIT' && ++commits % COMMITS === 0) step();
};

const { StoreFile } = await import('../database/store-file.ts');
const { Ledger } = await import('./ledger.ts');
const file = new StoreFile({
  path,
  open: (at) => new Ledger(at, host),
  close: (ledger) => ledger[Symbol.dispose](),
  carryOver: (ledger, damaged) => ledger.carryOver(damaged),
});
file.use((ledger) => ledger.losses);
file.close();
