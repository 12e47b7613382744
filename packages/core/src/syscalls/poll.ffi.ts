import koffi from 'koffi';
import { guarded } from '../events/guarded.ts';

/**
 * Calls back on the event loop whenever `fd` is readable. Disposing ends it; it does not keep the process alive by itself. An error
 * that left koffi's callback would end the process: it is logged.
 */
export function onReadable(fd: number, callback: () => void): Disposable {
  const handle = koffi.node.poll(fd, { readable: true }, guarded(`descriptor ${fd}`, callback));
  handle.unref();
  const close = () => {
    process.off('exit', close);
    handle.stop();
    handle.close();
  };
  // koffi 3.3 aborts the process where a poll is still open when its environment is torn down.
  process.on('exit', close);
  return { [Symbol.dispose]: close };
}
