// What the rooms of staff do better with JavaScript; each does all of it without. Its words stand on
// its own tag.
(() => {
  "use strict";
  const words = document.currentScript.dataset;

  // A password can be looked at while it is typed; it is hidden again before it is sent.
  for (const field of document.querySelectorAll('input[type="password"]')) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button second reveal";
    button.setAttribute("aria-controls", field.id);
    const show = (shown) => {
      field.type = shown ? "text" : "password";
      button.textContent = shown ? words.hide : words.show;
    };
    button.addEventListener("click", () => show(field.type === "password"));
    field.form.addEventListener("submit", () => show(false));
    field.spellcheck = false;
    field.autocapitalize = "none";
    show(false);
    field.after(button);
  }
})();
