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
  const data = seccompData(call);
  let accumulator = 0;
  for (let pc = 0; ; pc++) {
    const at = pc * SOCK_FILTER_BYTES;
    const code = view.getUint16(at, true);
    const k = view.getUint32(at + 4, true);
    const jump = (condition: boolean) => (pc += view.getUint8(condition ? at + 2 : at + 3));
    if (code === CLASSIC.RET) return k;
    if (code === CLASSIC.LD_W_ABS) accumulator = data.getUint32(k, true);
    else if (code === CLASSIC.AND) accumulator = (accumulator & k) >>> 0;
    else if (code === CLASSIC.JA) pc += k;
    else if (code === CLASSIC.JEQ) jump(accumulator === k);
    else if (code === CLASSIC.JGT) jump(accumulator > k);
    else if (code === CLASSIC.JGE) jump(accumulator >= k);
    else throw new Error(`opcode ${code} at ${pc}`);
  }
}

function seccompData(call: Call): DataView {
  const data = new DataView(new ArrayBuffer(SECCOMP_DATA.size));
  data.setUint32(SECCOMP_DATA.number, call.number, true);
  data.setUint32(SECCOMP_DATA.architecture, call.architecture ?? AUDIT_ARCH.x64, true);
  call.arguments?.forEach((value, i) => data.setBigUint64(SECCOMP_DATA.arguments + i * SECCOMP_DATA.argumentBytes, value, true));
  return data;
}
