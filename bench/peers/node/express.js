// express-session on Redis or PostgreSQL: --store redis|postgresql --port N --database URL --redis URL
import express from 'express';
import session from 'express-session';
import { RedisStore } from 'connect-redis';
import connectPgSimple from 'connect-pg-simple';
import pg from 'pg';
import { createClient } from 'redis';
import { fill } from './session-template.js';
import { option, runWorkers } from './workers.js';

const table = `
  CREATE TABLE IF NOT EXISTS express_session (sid varchar PRIMARY KEY, sess json NOT NULL, expire timestamp(6) NOT NULL);
  CREATE INDEX IF NOT EXISTS express_session_expire ON express_session (expire);`;

async function openStore() {
  // disableTouch: a check then only reads. With it off, each check also writes the new expiry.
  if (option('store') === 'redis') {
    const client = createClient({ url: option('redis') });
    await client.connect();
    return new RedisStore({ client, disableTouch: true });
  }

  const pool = new pg.Pool({ connectionString: option('database'), max: 16 });
  return new (connectPgSimple(session))({ pool, tableName: 'express_session', disableTouch: true, pruneSessionInterval: false });
}

async function prepare() {
  if (option('store') === 'postgresql') {
    const client = new pg.Client({ connectionString: option('database') });
    await client.connect();
    await client.query(table);
    await client.end();
  }
}

async function serve() {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(session({
    store: await openStore(),
    secret: 'a secret of the benchmark, of no worth elsewhere',
    name: 'sid',
    resave: false,
    saveUninitialized: false,
    cookie: { httpOnly: true, sameSite: 'lax', maxAge: 86_400_000 },
  }));

  app.post('/login', express.json(), (request, response) => {
    request.session.answer = fill(request.body);
    response.json(request.session.answer);
  });

  app.get('/session', (request, response) => {
    if (!request.session.answer) {
      response.status(401).end();
      return;
    }

    response.json(request.session.answer);
  });

  app.post('/logout', (request, response) => request.session.destroy(() => response.status(204).end()));
  app.listen(Number(option('port')), '127.0.0.1');
}

await runWorkers(prepare, serve);
