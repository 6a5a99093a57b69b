/* schoolmatch: puts our questions where this script stands, in a frame that cannot see the page.
   Of the page it reads its own attributes, the address without what follows "?", and the text of
   data-article where that is given. It changes nothing else and leaves nothing behind. */
(function () {
  "use strict";
  var tag = document.currentScript;
  if (!tag || !tag.parentNode) return;
  var home = new URL(tag.src).origin;
  var titles = TITLES;
  function said(name) {
    return tag.getAttribute("data-" + name) || "";
  }
  var asked = [
    ["publisher_id", said("publisher")],
    ["landing_page", location.origin + location.pathname],
    ["creative", said("creative")],
    ["field", said("field")],
    ["accent", said("accent").replace("#", "")],
    ["theme", said("theme")],
    ["lang", said("lang")]
  ];
  var address = home + "/widget?";
  for (var at = 0; at < asked.length; at += 1) {
    if (asked[at][1]) address += asked[at][0] + "=" + encodeURIComponent(asked[at][1]) + "&";
  }
  function dress(element, looks) {
    for (var part = 0; part < looks.length; part += 2) {
      element.style.setProperty(looks[part], looks[part + 1], "important");
    }
  }
  var frame = document.createElement("iframe");
  frame.src = address.slice(0, -1);
  frame.title = titles[said("lang")] || titles.en;
  frame.setAttribute("sandbox", "allow-forms allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox");
  frame.referrerPolicy = "no-referrer";
  dress(frame, ["display", "block", "width", "100%", "height", "640px", "border", "0"]);
  /* The page's own styles do not reach into a closed root, whatever they select. */
  var place = document.createElement("div");
  dress(place, ["all", "initial", "display", "block", "width", "100%"]);
  (place.attachShadow ? place.attachShadow({ mode: "closed" }) : place).appendChild(frame);
  tag.parentNode.insertBefore(place, tag.nextSibling);
  function article() {
    try {
      var named = said("article") && document.querySelector(said("article"));
      return named ? String(named.textContent).slice(0, 20000) : "";
    } catch (wrong) {
      return "";
    }
  }
  window.addEventListener("message", function (event) {
    var told = event.data;
    if (event.source !== frame.contentWindow || event.origin !== home || !told) return;
    if (told.schoolmatch === "height" && told.height > 0 && told.height < 5000) {
      dress(frame, ["height", Math.ceil(told.height) + "px"]);
    }
    if (told.schoolmatch === "article?" && article()) {
      frame.contentWindow.postMessage({ schoolmatch: "article", text: article() }, home);
    }
  });
})();
