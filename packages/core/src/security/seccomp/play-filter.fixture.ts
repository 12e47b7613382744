import { CLASSIC, SOCK_FILTER_BYTES } from '../../abi/bpf-classic.ts';
import { AUDIT_ARCH, SECCOMP_DATA } from '../../abi/seccomp.ts';

/** A syscall as a filter sees it. */
export interface Call {
  number: number;
  architecture?: number;
  arguments?: readonly bigint[];
}

/** Plays a filter as the kernel would, and returns its verdict. Throws where it leaves the program or its data. */
export function playFilter(program: Uint8Array, call: Call): number {
  const view = new DataView(program.buffer, program.byteOffset, program.byteLength);
  let accumulator = 0;
  for (let pc = 0; ; pc++) {
    const at = pc * SOCK_FILTER_BYTES;
    const code = view.getUint16(at, true);
    const k = view.getUint32(at + 4, true);
    const jump = (condition: boolean) => (pc += view.getUint8(condition ? at + 2 : at + 3));
    if (code === CLASSIC.RET) return k;
    if (code === CLASSIC.LD_W_ABS) accumulator = seccompData(call, k);
    else if (code === CLASSIC.AND) accumulator = (accumulator & k) >>> 0;
    else if (code === CLASSIC.JA) pc += k;
    else if (code === CLASSIC.JEQ) jump(accumulator === k);
    else if (code === CLASSIC.JGT) jump(accumulator > k);
    else if (code === CLASSIC.JGE) jump(accumulator >= k);
    else throw new Error(`opcode ${code} at ${pc}`);
  }
}

/** The word at an offset of struct seccomp_data. */
function seccompData(call: Call, at: number): number {
  if (at === SECCOMP_DATA.number) return call.number;
  if (at === SECCOMP_DATA.architecture) return call.architecture ?? AUDIT_ARCH.x64;
  const inArguments = at - SECCOMP_DATA.arguments;
  if (inArguments < 0 || at >= SECCOMP_DATA.size || at % 4 !== 0) throw new Error(`a load from ${at}`);
  const argument = call.arguments?.[Math.floor(inArguments / SECCOMP_DATA.argumentBytes)] ?? 0n;
  return Number(BigInt.asUintN(32, inArguments % SECCOMP_DATA.argumentBytes === 0 ? argument : argument >> 32n));
}
