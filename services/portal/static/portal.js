// Niceties only: every page works without this file.
"use strict";

document.getElementById("summary")?.focus();

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

// A card that is being made: look again now and then, and show it when it is there.
if (document.querySelector("[data-pending]")) {
  const look = setInterval(async () => {
    const answer = await fetch(location.href).catch(() => null);
    if (!answer?.ok || (await answer.text()).includes("data-pending")) return;
    clearInterval(look);
    location.reload();
  }, 3000);
}

// An address that points into a folded card unfolds it.
const aimed = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
if (aimed instanceof HTMLDetailsElement) aimed.open = true;
if (aimed instanceof HTMLInputElement) aimed.focus();
