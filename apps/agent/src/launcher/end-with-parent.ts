// Loaded before the main module of the agent and of the web process: when the launcher is gone without a word, even by
// kill -9, they end as if it had asked them to, and the next start finds their sockets free.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.channel?.unref();
