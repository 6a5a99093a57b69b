// What the student's pages do better with JavaScript; each does all of it without. Its words stand
// on its own tag, in the page's language. It adds nothing to a page that has to be there.
(() => {
  "use strict";
  const PATIENCE = 8000; // ms for an answer, then the browser asks as if there were no script
  const STUCK = 30000; // ms until a form that led nowhere can be sent again
  const TOLD = 6000; // ms for which a count stands in sight
  const MOST_SEEN = 10; // pages of results kept for Back and Forward
  const words = document.currentScript.dataset;
  const main = document.getElementById("main");
  const live = document.createElement("p");
  live.className = "hidden";
  live.setAttribute("role", "status");
  document.body.append(live);

  // Say something to who cannot see it happen; to everybody where it happens out of sight.
  function say(text, seen = false) {
    live.className = seen ? "live" : "hidden";
    live.textContent = text;
  }

  // A form is sent once: until the next page is there, its buttons do nothing and one says why.
  const sent = new Map();

  function hold(form, pressed) {
    const shown = pressed?.matches(".button, .speak") ? pressed : form.querySelector(".button");
    const says = shown?.textContent;
    if (shown) {
      shown.setAttribute("aria-disabled", "true");
      if (shown.matches(".button")) {
        shown.style.minWidth = `${shown.getBoundingClientRect().width}px`; // nothing beside it moves
        say((shown.textContent = shown.dataset.busy || words.busy));
      }
    }
    const stuck = setTimeout(() => release(form), STUCK);
    sent.set(form, () => {
      clearTimeout(stuck);
      if (!shown) return;
      shown.removeAttribute("aria-disabled");
      shown.style.minWidth = "";
      shown.textContent = says;
    });
  }

  function release(form) {
    sent.get(form)?.();
    sent.delete(form);
    say("");
  }

  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    const form = event.target;
    if (sent.has(form)) event.preventDefault();
    else if (found() && form.id === "refine") refine(event, form);
    else {
      giveUp();
      hold(form, event.submitter);
    }
  });
  // Somebody came back to the page as it was left: it can be sent again.
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    [...sent.keys()].forEach(release);
    done();
  });

  // Results: narrowing them, and taking a filter back, changes the page in place.
  const seen = new Map(); // pages of results by the name of their entry in the history
  let asked = null; // the search on its way; a newer one ends it
  let shown = location.pathname + location.search;
  let entry = history.state?.entry;
  let told = 0;

  function found(page = document) {
    return page.getElementById("found");
  }

  function refine(event, form) {
    event.preventDefault();
    const typed = new URLSearchParams(new FormData(form, event.submitter));
    const used = form.contains(document.activeElement) ? document.activeElement : form.querySelector(".button");
    search(`${form.action.split("?")[0]}?${typed}`, used);
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    const plain = !(event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
    if (!link || !plain || event.defaultPrevented || !found()) return;
    const here = link.origin === location.origin && link.pathname === location.pathname;
    if (link.target || (here && link.hash)) return; // it leads nowhere else in this window
    if (!here || !main.contains(link) || new URLSearchParams(link.search).has("page")) return giveUp();
    event.preventDefault();
    search(link.href, link);
  });

  // What changes with the results; of the frame, the links to the same page in other languages.
  function parts(page = document) {
    return [...page.querySelectorAll("main, .languages, .draft")];
  }

  function name() {
    entry = String(Math.random());
    return { entry };
  }

  // Keep the page that is left as it stands, for when the student comes back to it.
  function leave() {
    if (!entry) history.replaceState(name(), "");
    history.scrollRestoration = "manual"; // the browser would do it before the page is there
    const focus = main.contains(document.activeElement) ? document.activeElement : null;
    seen.set(entry, { parts: parts().map((part) => [...part.childNodes]), y: scrollY, focus });
    if (seen.size > MOST_SEEN) seen.delete(seen.keys().next().value);
  }

  function put(nodes) {
    parts().forEach((part, at) => part.replaceChildren(...(nodes[at] || [])));
    shown = location.pathname + location.search;
    say(found().textContent.trim(), true);
    clearTimeout(told);
    told = setTimeout(say, TOLD, ""); // the same stands on the page
  }

  // Ask for a page of results; what was used on it keeps the focus and its place on the screen.
  async function search(url, used) {
    const nodes = await ask(url, () => location.assign(url));
    if (!nodes) return;
    const at = chips().indexOf(used);
    const top = used.getBoundingClientRect().top;
    const open = [...main.querySelectorAll("#refine details[open]")].map(title);
    leave();
    history.pushState(name(), "", url);
    put(nodes);
    for (const each of main.querySelectorAll("#refine details")) {
      if (open.includes(title(each))) each.open = true;
    }
    const again = used.id ? document.getElementById(used.id) : chips()[at];
    if (again) scrollBy(0, again.getBoundingClientRect().top - top);
    (again || found()).focus({ preventScroll: Boolean(again) });
  }

  function chips() {
    return [...main.querySelectorAll(".chip")];
  }

  function title(details) {
    return details.firstElementChild.textContent;
  }

  // Fetch a page of results; null when a newer search took its place, or the browser asks instead.
  async function ask(url, otherwise) {
    asked?.abort();
    const mine = (asked = new AbortController());
    const slow = setTimeout(() => mine.abort(), PATIENCE);
    clearTimeout(told);
    main.setAttribute("aria-busy", "true");
    say(words.searching, true);
    try {
      const answer = await fetch(url, { signal: mine.signal });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!answer.ok || answer.redirected || !found(page)) throw new Error("no results");
      if (asked !== mine) return null;
      done();
      return parts(page).map((part) => [...part.childNodes]);
    } catch {
      if (asked !== mine) return null;
      asked = null; // the browser leaves now; nothing takes it back
      otherwise();
      return null;
    } finally {
      clearTimeout(slow);
    }
  }

  // Who leaves for another page is not brought back by a search that comes late or not at all.
  function giveUp() {
    const given = asked;
    if (!given) return;
    done(); // first: what ends by itself would ask the browser instead
    given.abort();
  }

  function done() {
    asked = null;
    main.removeAttribute("aria-busy");
    say("");
  }

  addEventListener("popstate", async (event) => {
    const to = event.state?.entry;
    if (location.pathname + location.search === shown && (!to || to === entry)) return;
    giveUp();
    leave();
    const kept = seen.get(to);
    const nodes = kept ? kept.parts : await ask(location.href, () => location.reload());
    if (!nodes) return;
    if (to) entry = to;
    else history.replaceState(name(), "");
    put(nodes);
    scrollTo(0, kept ? kept.y : 0);
    kept?.focus?.focus({ preventScroll: true });
  });
  // From another page the browser finds the way back by itself.
  addEventListener("pagehide", () => {
    giveUp();
    history.scrollRestoration = "auto";
  });
})();
