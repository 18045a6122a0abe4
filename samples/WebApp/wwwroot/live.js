// Says at once that this tab's session has ended elsewhere.
const { events, login } = document.currentScript.dataset;
const stream = new EventSource(events);
stream.addEventListener("ended", () => {
  stream.close();
  location.assign(`${login}?reason=revoked&returnUrl=${encodeURIComponent(location.pathname)}`);
});
addEventListener("pagehide", () => stream.close());
