// The page looks again every few seconds while somebody looks at it; whoever has no script reloads it whole.
const state = document.getElementById("state");

async function lookAgain() {
  if (document.hidden) return;
  const answer = await fetch("/").catch(() => null);
  if (!answer || !answer.ok) return;
  const seen = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("state");
  const focused = state.contains(document.activeElement) ? document.activeElement.id : "";
  state.replaceChildren(...seen.childNodes);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

setInterval(lookAgain, Number(state.dataset.seconds) * 1000);
