// Niceties only: every page works without this file.
"use strict";

// What a page has to say when it opens is heard only if it is gone to: screen readers announce changes.
(document.getElementById("summary") ?? document.querySelector('.notice[tabindex="-1"]'))?.focus();

const menu = document.querySelector("details.menu");
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && menu?.open) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
document.addEventListener("click", (event) => {
  if (menu?.open && !menu.contains(event.target)) menu.open = false;
});

// What is being made: look again, ever less often and for two minutes at most, and show it when it is there.
if (document.querySelector("[data-pending]")) {
  const until = Date.now() + 120_000;
  const look = async (wait) => {
    const answer = await fetch(location.href).catch(() => null);
    if (answer?.ok && !(await answer.text()).includes("data-pending")) location.reload();
    else lookAfter(wait * 1.5);
  };
  const lookAfter = (wait) => {
    if (Date.now() + wait < until) setTimeout(look, wait, wait);
  };
  lookAfter(2000);
}

// An address that points into a folded card unfolds it.
const aimed = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
if (aimed instanceof HTMLDetailsElement) aimed.open = true;
if (aimed instanceof HTMLInputElement) aimed.focus();
