/** Thrown at the first syscall on an architecture whose runner and number table are not written. */
export class UnsupportedArchitecture extends Error {
  override readonly name = 'UnsupportedArchitecture';
  constructor() {
    super(`Plimsoll has no syscall runner for ${process.arch}; it runs on x64`);
  }
}
