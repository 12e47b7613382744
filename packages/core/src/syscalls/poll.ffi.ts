import koffi from 'koffi';

/** Calls back on the event loop whenever `fd` is readable. Disposing ends it; it does not keep the process alive by itself. */
export function onReadable(fd: number, callback: () => void): Disposable {
  const handle = koffi.node.poll(fd, { readable: true }, callback);
  handle.unref();
  return {
    [Symbol.dispose]() {
      handle.stop();
      handle.close();
    },
  };
}
