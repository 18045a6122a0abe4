// The session object that every peer stores and answers, so that all move the same bytes.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';

const text = readFileSync(new URL('../session.json', import.meta.url), 'utf8');

/** The template with what a login brings. */
export function fill(login) {
  const now = new Date();
  const answer = JSON.parse(text);
  Object.assign(answer.session, {
    uuid: randomUUID(),
    last_ip: login.client.ip,
    last_user_agent: login.client.user_agent,
    created: now.toISOString(),
    last_used: now.toISOString(),
    expires: new Date(now.getTime() + 86_400_000).toISOString(),
  });
  answer.user = login.pending_user;
  return answer;
}
