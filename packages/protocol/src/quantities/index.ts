// Imports nothing from outside this folder: pages and the command line take it without the schemas.
export { inWords, NO_READING, trimmed, type Quantity, type Wrong } from './quantity.ts';
export * from './size.ts';
export * from './duration.ts';
export * from './cpus.ts';
