// The host of a page without a kernel: finds the figures, reads their state, mounts the views.
// A figure whose view fails keeps its picture, caption and table.
const root = (document.currentScript?.src ?? "").split(/[?#]/)[0].replace(/[^/]*$/, "");

/** A model in the manner of anywidget, with nobody at the other end. */
function modelOf(state) {
  const values = { state, home: "page", root };
  const events = new EventTarget();
  return {
    get: (name) => values[name],
    set: (name, value) => {
      values[name] = value;
      events.dispatchEvent(new Event(`change:${name}`));
    },
    on: (name, call) => events.addEventListener(name, call),
    off: (name, call) => events.removeEventListener(name, call),
    save_changes() {},
  };
}

function mount(figure) {
  const render = window.lectureViews[figure.dataset.view];
  if (!render || figure.classList.contains("lv-live")) return;
  const el = document.createElement("div");
  const stop = new AbortController();
  try {
    const state = JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
    figure.prepend(el);
    figure.classList.add("lv-live");
    render({ model: modelOf(state), el, signal: stop.signal });
  } catch (error) {
    stop.abort();
    el.remove();
    figure.classList.remove("lv-live");
    console.error(`view ${figure.dataset.view}:`, error);
  }
}

function start() {
  const near = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        mount(target);
      }
    },
    { rootMargin: "300px" },
  );
  for (const figure of document.querySelectorAll("figure[data-view]")) near.observe(figure);
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
