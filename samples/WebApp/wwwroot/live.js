// Leads this tab to the login when its session has ended elsewhere: a second after that holds everywhere, which takes up to about 10 s in a cluster.
const { events, sessions, login } = document.currentScript.dataset;
let stream, waiting, leaving;
// Only while somebody sees the tab: by HTTP/1.1 a browser opens six connections to a site, for all its tabs together.
function follow() {
  stop();
  leaving = false;
  if (document.hidden) return;
  stream = new EventSource(events);
  stream.addEventListener("ended", () => {
    stop();
    waiting = setTimeout(leave, 1000);
  });
  // The browser connects again by itself, but not after an answer such as 503, which closes the stream for good.
  stream.addEventListener("error", () => {
    if (stream.readyState === EventSource.CLOSED) waiting = setTimeout(follow, 5000);
  });
}
// Another tab may have signed in again, which ended this session: the browser has a new one, once that tab's answer is there.
async function leave() {
  const mine = waiting;
  const own = await fetch(sessions).then((answer) => answer.ok ? answer.json() : []).catch(() => []);
  if (waiting !== mine) return;
  if (own.some((session) => session.current)) location.reload();
  else location.assign(`${login}?reason=revoked&returnUrl=${encodeURIComponent(location.pathname)}`);
}
function stop() {
  waiting = clearTimeout(waiting);
  stream?.close();
}
addEventListener("pagehide", stop);
// The stream begins with whether the session is over, so a tab that is seen again has missed nothing.
document.addEventListener("visibilitychange", () => { if (!leaving) follow(); });
// A form that signs in or out ends this session before its answer is here: to leave now would lose the answer, and its cookie with it. What
// only looks like leaving, such as a download, is over soon. Safari on iOS says nothing before it leaves, but that a form is sent.
function pause() {
  stop();
  leaving = true;
  waiting = setTimeout(follow, 30000);
}
addEventListener("beforeunload", pause);
addEventListener("submit", pause);
// The page comes back as it was left, without its stream.
addEventListener("pageshow", (event) => { if (event.persisted) follow(); });
follow();
