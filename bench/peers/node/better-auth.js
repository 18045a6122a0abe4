// better-auth on PostgreSQL: --cookie-cache on|off --port N --database URL
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { betterAuth } from 'better-auth';
import { createAuthEndpoint } from 'better-auth/api';
import { setSessionCookie } from 'better-auth/cookies';
import { getMigrations } from 'better-auth/db/migration';
import { fromNodeHeaders, toNodeHandler } from 'better-auth/node';
import pg from 'pg';
import { fill } from './session-template.js';
import { option, runWorkers } from './workers.js';

const users = 1000;
const origin = `http://127.0.0.1:${option('port')}`;

// A login whose password was proven elsewhere, as its own plugins do it (anonymous, one-tap): else every login would
// measure the hashing of a password, which none of the others does here.
const provenLogin = {
  id: 'proven-login',
  endpoints: {
    provenLogin: createAuthEndpoint('/proven-login', { method: 'POST' }, async (context) => {
      const adapter = context.context.internalAdapter;
      const user = await adapter.findUserById(context.body.pending_user.pk);
      const { session: facts } = fill(context.body);
      const session = await adapter.createSession(user.id, false, {
        ipAddress: context.body.client.ip,
        userAgent: context.body.client.user_agent,
        details: JSON.stringify(facts.user_agent),
      });
      await setSessionCookie(context, { session, user });
      return context.json({ session, user });
    }),
  },
};

const options = {
  baseURL: origin,
  secret: 'a secret of the benchmark, of no worth elsewhere',
  database: new pg.Pool({ connectionString: option('database'), max: 16 }),
  plugins: [provenLogin],
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  logger: { level: 'error' },
  session: {
    expiresIn: 86_400,
    updateAge: 86_400, // A check then only reads.
    additionalFields: { details: { type: 'string', required: false } },
    // Five minutes by default; longer here, so that the cookies made before the rounds outlast them.
    cookieCache: { enabled: option('cookie-cache') === 'on', maxAge: 7200 },
  },
  advanced: {
    database: { joins: true }, // One query a check, not two.
    ipAddress: { ipAddressHeaders: [] },
  },
};

async function prepare() {
  const { runMigrations } = await getMigrations(options);
  await runMigrations();
  await options.database.query(
    `INSERT INTO "user" (id, name, email, "emailVerified", "createdAt", "updatedAt")
     SELECT n::text, 'User ' || n, 'user' || n || '@example.org', true, now(), now() FROM generate_series(1, $1) n
     ON CONFLICT DO NOTHING`, [users]);
}

// Sessions are checked as its documentation says for a server's own routes: auth.api, without its HTTP router, which
// this version builds anew for each request (a check through /api/auth/get-session is several times slower).
async function serve() {
  const auth = betterAuth(options);
  const everythingElse = toNodeHandler(auth);
  const routes = { 'GET /session': check, 'POST /login': login };

  async function check(request, response) {
    const answer = await auth.api.getSession({ headers: fromNodeHeaders(request.headers) });
    response.writeHead(answer ? 200 : 401, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(answer));
  }

  async function login(request, response) {
    const body = await json(request);
    const answer = await auth.api.provenLogin({ body, headers: fromNodeHeaders(request.headers), returnHeaders: true });
    response.writeHead(200, { 'Content-Type': 'application/json', 'Set-Cookie': answer.headers.getSetCookie() });
    response.end(JSON.stringify(answer.response));
  }

  createServer((request, response) => {
    const route = routes[`${request.method} ${request.url}`] ?? everythingElse;
    route(request, response).catch((error) => {
      console.error(error);
      response.writeHead(500).end();
    });
  }).listen(Number(option('port')), '127.0.0.1');
}

await runWorkers(prepare, serve);
