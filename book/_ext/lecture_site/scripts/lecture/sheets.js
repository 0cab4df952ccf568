// A slide once more, as a picture: small beside the notes and in the overview, large on paper.
import { fit, name, screen } from "./slides.js";

const PAGE = screen(1280, 720);

/**
 * Put a copy of a slide into a place: nobody can reach into it, and nobody hears it.
 *
 * @param {HTMLElement} place in this window or in another
 * @param {import("./slides.js").Slide} slide
 */
export function sheet(place, slide) {
  const page = document.createElement("div");
  page.className = "lm-sheet";
  page.inert = true;
  page.ariaHidden = "true";
  const box = page.appendChild(document.createElement("div"));
  box.className = "bd-article lm-slide";
  box.dataset.kind = slide.kind;
  box.toggleAttribute("data-title", slide.elements[0].matches("h1"));
  const section = box.appendChild(document.createElement("section"));
  for (const node of slide.elements) section.append(copy(node));
  section.firstElementChild.dataset.part = slide.parts > 1 ? `${slide.part}/${slide.parts}` : "";
  place.append(page);
  fit(box, slide, PAGE);
  return page;
}

function copy(node) {
  const twin = node.cloneNode(true);
  for (const one of [twin, ...twin.querySelectorAll("[id]")])
    if (!one.closest("svg")) one.removeAttribute("id");
  twin.dataset.lm = "on";
  // of a view its picture: what is alive was laid out for another place
  for (const view of twin.querySelectorAll("figure.lecture-view")) {
    view.classList.remove("lv-live");
    view.replaceChildren(...[...view.children].filter((part) => part.matches("img")));
  }
  return twin;
}

/** On paper, what an exercise folds away comes at the end of the page, under the exercise's name. */
export function solutions() {
  const end = document.createElement("section");
  for (const fold of document.querySelectorAll("article section > details:not([class])")) {
    let asked = fold.previousElementSibling;
    while (asked && !asked.querySelector(":scope > strong:first-child"))
      asked = asked.previousElementSibling;
    const title = document.createElement("h3");
    title.textContent = `Solution: ${asked?.querySelector("strong").textContent ?? ""}`;
    end.append(title, ...[...fold.cloneNode(true).childNodes].slice(1));
  }
  document.querySelector("article").append(end);
  return end;
}

/** On paper, what is folded on the slides comes at the end, under the name of its slide. */
export function folded(slides) {
  const end = document.createElement("div");
  end.className = "lm-folds bd-article";
  for (const slide of slides) {
    for (const fold of slide.elements.filter((node) => node.matches("details"))) {
      const title = document.createElement("h2");
      title.textContent = name(slide);
      const twin = copy(fold);
      twin.open = true;
      end.append(title, twin);
    }
  }
  return end.childElementCount ? [end] : [];
}
