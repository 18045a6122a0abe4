// A front end for browsers (BFF) whose sessions a SessionCluster server owns. Node 20 or newer, no dependency: plain fetch.
//   SESSIONCLUSTER_API_KEY=$(cat data/api-key) node examples/node-bff/server.mjs
import { createServer } from "node:http";
import { randomUUID } from "node:crypto";
import { isIP } from "node:net";
import { setTimeout } from "node:timers/promises";

const server = (process.env.SESSIONCLUSTER_ADDRESS ?? "http://localhost:8080").replace(/\/+$/, "");
const key = process.env.SESSIONCLUSTER_API_KEY;
const stage = process.env.SESSIONCLUSTER_STAGE ?? "default";
const timeout = Number(process.env.SESSIONCLUSTER_TIMEOUT_MS ?? 5000);
// The server's PublicUrl and, where it has one, its Cookies:Domain, by which it names its cookies. No other name counts: what is called otherwise
// may have been set by another host of the domain, or by whoever is on the way of plain http.
const isSecure = (process.env.SESSIONCLUSTER_PUBLIC_URL ?? server).startsWith("https:");
const prefix = !isSecure ? "" : process.env.SESSIONCLUSTER_COOKIE_DOMAIN ? "__Secure-" : "__Host-";
const [sessionCookie, deviceCookie] = [`${prefix}sessioncluster_session`, `${prefix}sessioncluster_device`];
// Proxies in front of this program whose X-Forwarded-For counts.
const proxies = new Set((process.env.TRUSTED_PROXIES ?? "").split(",").filter(Boolean));
// Two users whose passwords are their names: a front end has its own way to find out who somebody is.
const users = new Map([["jane", { pk: "1", name: "Jane Doe" }], ["john", { pk: "2", name: "John Roe" }]]);

if (!key) {
  console.error("SESSIONCLUSTER_API_KEY is missing: set it to a key of the server's Api:Keys, or to what data/api-key holds.");
  process.exit(1);
}

class Unavailable extends Error {}

// Calls the server as a service. A call that changes something has an Idempotency-Key, so that a lost connection may be tried once more.
// Any status but the expected ones, such as the 401 of a wrong key, says nothing of the session: nothing was checked or ended.
async function call(method, path, body, ...expected) {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const isCheck = path === "sessions/validate/";
  if (method !== "GET" && !isCheck) headers["idempotency-key"] = randomUUID();
  for (let attempt = 0; ; attempt++) {
    try {
      // An ending is answered when it holds on every node, which takes ten seconds where one cannot be reached.
      const signal = AbortSignal.timeout(isCheck || method === "GET" ? timeout : 30_000);
      const answer = await fetch(`${server}/api/v3/${path}`, { method, headers, signal, body: body && JSON.stringify(body) });
      const text = await answer.text();
      // A part of the cluster went away in the middle: what was begun is answered once more, or done.
      if (answer.status === 503 && attempt === 0 && text.includes('"unknown-outcome"')) {
        await setTimeout(1000);
        continue;
      }
      if (!expected.includes(answer.status)) throw new Unavailable(`${method} ${path} was answered ${answer.status} ${text}`);
      return { status: answer.status, json: text ? JSON.parse(text) : null };
    } catch (error) {
      if (error instanceof Unavailable || error.name === "TimeoutError" || attempt > 0) throw new Unavailable(error.message);
    }
  }
}

const cookies = (request) => Object.fromEntries((request.headers.cookie ?? "").split(/;\s*/).map((pair) => pair.split(/=(.*)/s, 2)));
const named = (request, name) => {
  const value = cookies(request)[name];
  return value && /^[\x21-\x7e]{1,256}$/.test(value) ? value : undefined;
};

// A hop as proxies write it: with a port, brackets or a zone. Null for what is no address.
function address(hop = "") {
  const ip = hop.replace(/^\[(.*)\](:\d+)?$/, "$1").replace(/^([\d.]+):\d+$/, "$1").replace(/%.*$/, "").replace(/^::ffff:/, "");
  return isIP(ip) ? ip : null;
}

// Where the request comes from: sessions are bound to it.
function facts(request, url) {
  let ip = request.socket.remoteAddress.replace(/^::ffff:/, "");
  const hops = (request.headers["x-forwarded-for"] ?? "").split(",").map((hop) => hop.trim()).filter(Boolean);
  for (let hop; proxies.has(ip) && (hop = address(hops.pop())); ) ip = hop;
  return { ip, user_agent: (request.headers["user-agent"] ?? "").slice(0, 2048), method: request.method, path: url.pathname.slice(0, 2048) };
}

// Whether a page of this origin sent the request: another site's form brings the cookie along, too.
const isOwn = (request) => (request.headers["sec-fetch-site"] ?? null) !== null
  ? request.headers["sec-fetch-site"] === "same-origin"
  : [`http://${request.headers.host}`, `https://${request.headers.host}`].includes(request.headers.origin);

function send(response, status, value, headers = {}) {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store", ...headers });
  response.end(JSON.stringify(value));
}

async function readJson(request) {
  let text = "";
  for await (const part of request) {
    text += part;
    if (text.length > 65_536) return null;
  }
  try { return JSON.parse(text); } catch { return null; }
}

async function login(request, response, client) {
  const form = await readJson(request);
  const user = users.get(form?.username);
  if (!user || form.password !== form.username) return send(response, 401, { error: "The name or the password is wrong." });
  const { status, json } = await call("POST", "sessions/", {
    stage, remember_me: form.remember_me === true,
    pending_user: { pk: user.pk, username: form.username, email: `${form.username}@example.org`, name: user.name, is_active: true },
    client: { ...client, device_cookie: named(request, deviceCookie) ?? null, session_token: named(request, sessionCookie) ?? null },
  }, 201, 403, 409);
  if (status !== 201 && !["access-denied", "challenge-required", "session-limit"].includes(json?.type)) throw new Unavailable(json?.detail);
  if (status !== 201) return send(response, status, { error: json.detail });
  if (json.cookies[0].name !== sessionCookie) {
    await call("POST", "sessions/revoke/", { token: json.token, client }, 200);
    throw new Error(`Set SESSIONCLUSTER_PUBLIC_URL and SESSIONCLUSTER_COOKIE_DOMAIN to the server's PublicUrl and Cookies:Domain: its cookie is ${json.cookies[0].name}.`);
  }
  // The cookies are passed on as they are: HttpOnly, SameSite, and Secure where the server's PublicUrl is https.
  send(response, 200, { session: json.session.uuid, known_device: json.known_device }, {
    "set-cookie": json.cookies.map((cookie) => cookie.set_cookie),
  });
}

// What only a signed-in person may ask for.
async function handle(request, response, url, client) {
  const token = named(request, sessionCookie);
  // Needs no check, which may be slower than it is given time: an ending waits as long as it takes.
  if (token && request.method === "POST" && url.pathname === "/logout") {
    const { clear_cookie, ...receipt } = (await call("POST", "sessions/revoke/", { token, client }, 200)).json;
    return send(response, 200, receipt, { "set-cookie": clear_cookie });
  }

  const check = token ? (await call("POST", "sessions/validate/", { token, client }, 200)).json : { active: false, reason: "none" };
  // Whatever else answers at that address with 200, such as a page that asks for a login, says nothing of the session.
  if (typeof check?.active !== "boolean") throw new Unavailable("sessions/validate/ was not answered by SessionCluster");
  if (!check.active) return send(response, 401, { reason: check.reason });
  const pk = encodeURIComponent(check.user.pk);
  const one = /^\/sessions\/([0-9a-f-]{36})\/end$/.exec(url.pathname);
  switch (`${request.method} ${one ? "/sessions/end" : url.pathname}`) {
    case "GET /me":
      return send(response, 200, { user: check.user, session: check.session.uuid });
    case "GET /sessions":
      return send(response, 200, (await call("GET", `core/authenticated_sessions/?user=${pk}&page_size=100`, undefined, 200)).json.results
        .map(({ uuid, last_ip, last_user_agent, last_used }) => ({ uuid, current: uuid === check.session.uuid, last_ip, last_user_agent, last_used })));
    case "POST /sessions/end": {
      const found = await call("GET", `core/authenticated_sessions/${one[1]}/`, undefined, 200, 404);
      const isOthers = found.status === 200 && String(found.json.user) !== String(check.user.pk);
      // Asked for also where there is none any more: that answer waits for what another call has just ended.
      const ended = isOthers ? found : await call("DELETE", `core/authenticated_sessions/${one[1]}/`, undefined, 204, 404);
      return ended.status === 204 ? send(response, 200, { ended: one[1] }) : send(response, 404, { error: "There is no such session." });
    }
    case "POST /sessions/end-others":
      return send(response, 200, (await call("POST", `users/${pk}/sessions/revoke/`, { except: check.session.uuid }, 200)).json);
    default:
      return send(response, 404, { error: "There is nothing here." });
  }
}

const front = createServer(async (request, response) => {
  try {
    const url = new URL(request.url, "http://front");
    const client = facts(request, url);
    if (request.method === "POST" && !isOwn(request)) return send(response, 403, { error: "The request comes from another site." });
    await (request.method === "POST" && url.pathname === "/login" ? login(request, response, client) : handle(request, response, url, client));
  } catch (error) {
    // Never accepted and never anonymous: nothing is known of the session.
    console.error(error);
    if (error instanceof Unavailable) return send(response, 503, { error: "Sessions cannot be checked now." }, { "retry-after": "1" });
    if (!response.headersSent) send(response, 500, { error: "The request failed." });
  }
});
front.listen(Number(process.env.PORT ?? 5081), "127.0.0.1", () => console.log(`http://127.0.0.1:${front.address().port}`));
