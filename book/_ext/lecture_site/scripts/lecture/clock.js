// The clock of a lecture: it survives a reload, where the browser keeps it.
const KEY = `lecture-started-${location.pathname}`;
let started = 0;
try {
  started = Number(sessionStorage.getItem(KEY));
} catch {
  // not kept
}

/** Begin at 0:00 now. */
export function restart() {
  started = Date.now();
  try {
    sessionStorage.setItem(KEY, String(started));
  } catch {
    // not kept
  }
}

/** Begin now, unless the lecture has begun before. */
export function start() {
  if (!started) restart();
}

/** The time that has passed, as minutes and seconds. */
export function passed() {
  const seconds = Math.round((Date.now() - started) / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
