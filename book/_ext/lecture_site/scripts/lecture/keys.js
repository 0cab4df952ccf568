// Which keys do what, and where they are the reader's own.

const BY_KEY = {
  ArrowRight: "next",
  ArrowDown: "next",
  PageDown: "next",
  " ": "next",
  ArrowLeft: "back",
  ArrowUp: "back",
  PageUp: "back",
  Home: "first",
  End: "last",
  o: "overview",
  n: "notes",
  b: "black",
  ".": "black",
  t: "restart",
  f: "full",
  "?": "help",
  Escape: "exit",
};

/** Where keys are typed, or move something: there they turn no slide. */
export const TYPING = [
  "input,textarea,select,[contenteditable]",
  "[role=application],[role=grid],[role=slider],[role=listbox],[role=tablist],[role=menu]",
].join();

/**
 * The action of a key, if it has one.
 *
 * @param {{ key: string, shiftKey: boolean, target: any }} event
 * @returns {string | undefined}
 */
export function action({ key, shiftKey, target }) {
  if (key === " " && target.closest?.("button,a,summary")) return undefined;
  if (key === " " && shiftKey) return "back";
  return BY_KEY[key.length === 1 ? key.toLowerCase() : key];
}
