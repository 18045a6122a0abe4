// Makes pages live. Everything here is also there without it, as links and forms.
(() => {
  // A tab that is open when its session ends shows so at once: the page itself, asked again, says why.
  const account = document.querySelector("[data-session-events]");
  if (account && window.EventSource) {
    const leave = () => location.replace(account.dataset.ended);
    let events, waiting, asking, leaving;
    const stop = () => {
      events?.close();
      clearTimeout(waiting);
      asking?.abort();
    };
    // Only while somebody sees the tab: by HTTP/1.1 a browser opens six connections to a site, for all its tabs together.
    const follow = () => {
      stop();
      leaving = false;
      if (document.hidden) {
        return;
      }
      events = new EventSource(account.dataset.sessionEvents);
      events.addEventListener("ended", () => {
        events.close();
        leave();
      });
      // An answer that is no stream ends it for good: a server that starts again, or one where the session has ended while the tab slept.
      events.addEventListener("error", () => {
        if (events.readyState === EventSource.CLOSED) {
          waiting = setTimeout(ask, 5000);
        }
      });
    };
    const ask = () => {
      stop();
      const mine = asking = new AbortController();
      fetch(account.dataset.sessionEvents, { signal: mine.signal }).then(answer => answer.status, () => 0).then(status => {
        if (!mine.signal.aborted) {
          mine.abort();
          status === 401 ? leave() : follow();
        }
      });
    };
    // A form may end this session itself, and its answer is still to come: to leave now would lose it. A download only looks like leaving.
    // Safari on iOS says nothing before it leaves, but that a form is sent.
    const pause = () => {
      stop();
      leaving = true;
      waiting = setTimeout(follow, 30000);
    };
    document.addEventListener("visibilitychange", () => {
      if (!leaving) {
        document.hidden ? stop() : ask();
      }
    });
    addEventListener("beforeunload", pause);
    addEventListener("submit", pause);
    follow();
  }

  // A tab that nobody sees asks for nothing, nor one that somebody holds.
  let paused = false;
  document.addEventListener("htmx:before:request", event => {
    if (document.hidden || paused) {
      event.preventDefault();
    }
  });

  // What parts of a page ask for anew tells when it came, or that it does not come any more.
  const pulse = document.querySelector("[data-pulse]");
  if (pulse && document.querySelector("[hx-trigger^=every]")) {
    pulse.insertAdjacentHTML("beforeend", ' <button class="btn small" type="button" aria-pressed="false">Pause</button><span class="hidden" role="status"></span>');
    const [button, told] = [pulse.querySelector("button"), pulse.lastElementChild];
    const time = () => new Date().toISOString().slice(11, 19) + " UTC";
    let last = pulse.dataset.pulse;
    const show = (text, isLive) => {
      if (paused) {
        return;
      }
      // Screen readers hear the changes only.
      if (isLive === pulse.classList.contains("warn")) {
        told.textContent = isLive ? "Live again" : text;
      }
      pulse.className = isLive ? "pulse live" : "pulse said warn";
      pulse.firstElementChild.textContent = text;
    };
    button.addEventListener("click", () => {
      paused = !paused;
      button.setAttribute("aria-pressed", paused);
      pulse.className = "pulse";
      told.textContent = "";
      pulse.firstElementChild.textContent = (paused ? "Paused, last at " : "As of ") + last;
    });
    document.addEventListener("htmx:after:request", event => {
      const status = event.detail && event.detail.ctx && event.detail.ctx.response ? event.detail.ctx.response.status : 0;
      if (status === 200) {
        last = time();
        show("Live, last at " + last, true);
      } else if (status === 401) {
        location.reload();
      } else {
        show("Not live since " + last + ", trying again", false);
      }
    });
    document.addEventListener("htmx:error", () => show("Not live since " + last + ", trying again", false));
  }

  // What a person has unfolded stays so when its part of the page is replaced, and a table that grows keeps its newest rows only.
  const most = 200;
  const unfolded = new Set();
  document.addEventListener("toggle", event => unfolded[event.target.open ? "add" : "delete"](event.target.id), true);
  document.addEventListener("htmx:after:swap", () => {
    unfolded.forEach(id => id && document.getElementById(id)?.setAttribute("open", ""));
    [...document.querySelectorAll("#newer ~ tbody > tr")].slice(most).forEach(row => row.remove());
  });
})();
