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

const seconds = () => Math.round((Date.now() - started) / 1000);

/** The time that has passed, as minutes and seconds. */
export function passed() {
  return `${Math.floor(seconds() / 60)}:${String(seconds() % 60).padStart(2, "0")}`;
}

/**
 * How far the lecture is from its plan, in whole minutes, in words.
 *
 * @param {number} from the minute at which this slide was to begin
 * @param {number} to the minute at which it was to end
 */
export function against(from, to) {
  const minutes = seconds() / 60;
  const behind = Math.floor(minutes - to);
  const ahead = Math.floor(from - minutes);
  if (behind > 0) return `${behind} min behind`;
  return ahead > 0 ? `${ahead} min ahead` : "in time";
}
