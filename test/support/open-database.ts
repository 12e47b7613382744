import { openDatabase } from '../../apps/agent/src/agent/database/open.ts';

// Opens a database, reads it and closes it: node open-database.ts PATH. Prints how many notes it has.
const database = openDatabase(process.argv[2] ?? '', ['CREATE TABLE notes (text TEXT NOT NULL) STRICT'], 'normal');
console.log(database.prepare('SELECT count(*) AS notes FROM notes').get()?.['notes']);
database.close();
