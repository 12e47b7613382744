import koffi from 'koffi';

/** Calls back on the event loop whenever `fd` is readable. Disposing ends it; it does not keep the process alive by itself. */
export function onReadable(fd: number, callback: () => void): Disposable {
  const handle = koffi.node.poll(fd, { readable: true }, callback);
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
