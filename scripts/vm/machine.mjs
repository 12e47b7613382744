import { spawn, spawnSync } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeDirectory } from '../lib/temporary-directory.mjs';
import { makeInitramfs } from './initramfs.mjs';
import { findVirtiofsd, MKFS, QEMU } from './requirements.mjs';

const MACHINE = join(dirname(fileURLToPath(import.meta.url)), 'machine.sh');
const MEMORY = '3072M';
const CPUS = '2';
/** Sparse: it takes what is written to it. */
const DISK_BYTES = 8 * 1024 ** 3;
const CAP_SYS_RESOURCE = 1n << 24n;
const KERNEL_ARGUMENTS = ['console=ttyS0', 'quiet', 'panic=-1', 'mitigations=off', 'tsc=reliable', 'psi=1'];

/** @typedef {{ image: string, modules: string }} Kernel */
/**
 * @typedef {{ output: NodeJS.WritableStream, signal: AbortSignal, deadlineMs: number, kernelArguments?: readonly string[], disk?: string }} Options disk: a
 *   file that outlives the machine, made where it is not there
 */
/**
 * @typedef {{ status: number, report: string, problem?: undefined, wentOff?: undefined }} Finished
 * @typedef {{ problem: string, wentOff?: true, status?: undefined }} Unfinished wentOff: before the command had ended
 */

/**
 * Boots a machine, runs the job's `command` in it, and takes it away. Aborting switches it off.
 * @param {Kernel} kernel
 * @param {Record<string, string>} job files for /run/vm
 * @param {Options} options
 * @returns {Promise<Finished | Unfinished>}
 */
export async function runInMachine(kernel, job, options) {
  options.signal.throwIfAborted();
  const machine = new Machine(kernel);
  const end = () => machine.end();
  options.signal.addEventListener('abort', end);
  try {
    return await machine.run(job, options);
  } finally {
    machine.remove();
    options.signal.removeEventListener('abort', end);
  }
}

/** A virtual machine whose disk, sockets and mounts are below a temporary directory, and go with it. */
class Machine {
  #directory = makeDirectory('vm');
  #kernel;
  /** @type {import('node:child_process').ChildProcessWithoutNullStreams | null} */
  #process = null;

  /** @param {Kernel} kernel */
  constructor(kernel) {
    this.#kernel = kernel;
  }

  /**
   * Resolves when it is off.
   * @param {Record<string, string>} job
   * @param {Options} options
   * @returns {Promise<Finished | Unfinished>}
   */
  async run(job, { output, deadlineMs, kernelArguments = [], disk = join(this.#directory, 'disk') }) {
    const report = join(this.#directory, 'report');
    if (!existsSync(disk)) makeDisk(disk);
    const machine = this.#start(this.#qemuArguments(job, report, disk, [...KERNEL_ARGUMENTS, ...kernelArguments].join(' ')));
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      this.end();
    }, deadlineMs);
    const errors = createWriteStream(join(this.#directory, 'qemu.log'));
    machine.stdout.pipe(output, { end: false });
    machine.stderr.pipe(errors);
    await new Promise((resolve) => machine.once('close', resolve));
    clearTimeout(timer);
    this.#process = null;
    if (timedOut) return { problem: `the machine was not done after ${Math.round(deadlineMs / 60_000)} minutes` };
    const written = existsSync(report) ? readFileSync(report, 'utf8') : '';
    const end = written.indexOf('\n');
    if (end < 0) return { problem: `the machine went off without a result:\n${this.#lastWords()}`, wentOff: true };
    return { status: Number(written.slice(0, end)), report: written.slice(end + 1) };
  }

  /** Switches it off. */
  end() {
    if (this.#process?.pid !== undefined) process.kill(-this.#process.pid, 'SIGKILL');
  }

  remove() {
    this.end();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** @param {readonly string[]} qemuArguments */
  #start(qemuArguments) {
    const virtiofsd = findVirtiofsd();
    if (virtiofsd === undefined) throw new Error('there is no virtiofsd');
    mkdirSync(join(this.#directory, 'host'));
    const namespaces = ['unshare', '--mount', '--pid', '--fork', '--kill-child=KILL'];
    const machine = spawn(
      'setpriv',
      // It ends with this process, however that ends.
      ['--pdeathsig', 'KILL', ...namespaces, 'sh', MACHINE, this.#directory, virtiofsd, QEMU, ...qemuArguments],
      // The port of the output is connected for as long as standard input is open.
      { stdio: 'pipe', detached: true, env: { ...process.env, MODCAPS: withoutMissingCapabilities() } },
    );
    this.#process = machine;
    return machine;
  }

  /**
   * @param {Record<string, string>} job
   * @param {string} report path
   * @param {string} disk path
   * @param {string} commandLine of the kernel
   */
  #qemuArguments(job, report, disk, commandLine) {
    return [
      // Software emulation everywhere: a /dev/kvm that is there need not work (nested machines).
      ...['-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', CPUS, '-machine', 'q35,memory-backend=memory'],
      // virtiofsd reads and writes the machine's memory.
      ...['-object', `memory-backend-memfd,id=memory,size=${MEMORY},share=on`, '-m', MEMORY],
      ...['-nodefaults', '-no-user-config', '-display', 'none', '-monitor', 'none', '-no-reboot'],
      ...['-kernel', this.#kernel.image, '-append', commandLine],
      ...['-initrd', makeInitramfs(this.#directory, this.#kernel.modules, job)],
      ...['-serial', `file:${this.#console}`],
      ...['-chardev', `socket,id=host,path=${join(this.#directory, 'virtiofs')}`],
      ...['-device', 'vhost-user-fs-pci,chardev=host,tag=host'],
      ...['-device', 'virtio-serial', '-chardev', 'stdio,id=output,signal=off', '-chardev', `file,id=report,path=${report}`],
      ...['-device', 'virtserialport,chardev=output,name=output', '-device', 'virtserialport,chardev=report,name=report'],
      ...['-drive', `if=virtio,format=raw,cache=unsafe,file=${disk}`],
    ];
  }

  get #console() {
    return join(this.#directory, 'console.log');
  }

  /** What qemu, virtiofsd and the kernel said at the end. */
  #lastWords() {
    return ['qemu.log', 'virtiofsd.log', 'console.log']
      .map((name) => join(this.#directory, name))
      .filter((path) => existsSync(path))
      .map((path) => readFileSync(path, 'utf8').trimEnd().split('\n').slice(-15).join('\n'))
      .join('\n');
  }
}

/** virtiofsd fails where it cannot have a capability that it asks for. */
function withoutMissingCapabilities() {
  const bounding = /^CapBnd:\s*(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  return (BigInt(`0x${bounding}`) & CAP_SYS_RESOURCE) === 0n ? '-sys_resource' : '';
}

/**
 * Sparse, with a file system.
 * @param {string} path
 */
function makeDisk(path) {
  writeFileSync(path, '');
  truncateSync(path, DISK_BYTES);
  const { status, stderr } = spawnSync(MKFS, ['-q', '-F', '-O', 'quota,project', '-E', 'nodiscard', path], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the disk could not be made: ${stderr}`);
}
