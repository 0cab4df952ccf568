// The files of an exported model in a page: fetched, checked, run. Every error is a sentence for the
// reader that names the file that is broken; a second try can work.

/** @typedef {{file: string, bytes: number, sha256: string}} File as model.json tells of it */
/** @typedef {Record<string, {data: any, dims: number[]}>} Tensors by name */
/** @typedef {{
 *   folder: string,
 *   once: (key: string, make: () => Promise<any>) => Promise<any>,
 *   json: (file: Partial<File>, fits: (told: any) => boolean) => Promise<any>,
 *   load: () => Promise<{graphs: Record<string, (inputs: object) => Promise<Tensors>>,
 *     int64: (list: number[], dims: number[]) => object,
 *     float32: (list: number[], dims: number[]) => object}>,
 *   bytes: (url: string, expected?: File | null) => Promise<ArrayBuffer>,
 *   root: string,
 * }} Place of a model */
/** @typedef {Place & {spec: any, part: (made: object) => void, alive: () => boolean}} Tools what a
 *   kind works with: the model's place and description, a way to show a part of the answer, and
 *   whether anybody still waits for it, which somebody does when the graphs have come */
/** @typedef {{fits: (spec: any) => boolean,
 *   answer: (request: any, tools: Tools) => Promise<object | null>}} Kind of model */

const FORMAT = 2;
const ORT = ["ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm"];
/** Bytes of these: a test compares. */
export const ORT_BYTES = 14312951;
const SERVE =
  "The live model needs the folder to be served: run `python -m http.server -d _build/html` and open http://localhost:8000.";

const PATIENCE = 60_000; // ms without a byte

const kept = new Map(); // of promises, for as long as the page lives
function once(key, make) {
  if (!kept.has(key)) {
    kept.set(key, make());
    kept.get(key).catch(() => kept.delete(key));
  }
  return kept.get(key);
}

const broken = (name, why) =>
  Error(`${name} could not be used: ${why}. Ask again, and it is loaded again.`);

/** The bytes of a file, checked where it is known what they should be. `count` hears how many. */
async function fetched(url, expected, count) {
  const name = url.split("/").pop();
  const parts = [];
  let done = 0;
  const silence = new AbortController();
  let clock = 0;
  const wait = () => {
    clearTimeout(clock);
    clock = setTimeout(() => silence.abort(), PATIENCE);
  };
  const failed = () =>
    broken(name, `the connection ${silence.signal.aborted ? "is silent" : "failed"}`);
  wait();
  const response = await fetch(url, { signal: silence.signal }).catch(() => {
    throw failed();
  });
  if (!response.ok) throw broken(name, `the server answers ${response.status}`);
  try {
    const reader = response.body.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      parts.push(part.value);
      done += part.value.length;
      count(part.value.length);
      wait();
    }
  } catch {
    throw failed();
  } finally {
    clearTimeout(clock);
  }
  if (expected && done !== expected.bytes)
    throw broken(name, `${done} of ${expected.bytes} bytes arrived`);
  const data = await new Blob(parts).arrayBuffer();
  if (expected && globalThis.crypto?.subtle) {
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
    const hex = Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
    if (hex !== expected.sha256) throw broken(name, "its checksum is wrong");
  }
  return data;
}

/** A module from its bytes: some servers send `.mjs` as what no browser imports. */
async function moduleOf(name, data) {
  const url = URL.createObjectURL(new Blob([data], { type: "text/javascript" }));
  try {
    return await import(url);
  } catch {
    throw broken(name, "it does not run here");
  } finally {
    URL.revokeObjectURL(url);
  }
}

/**
 * The files of a model. @param {string} folder its address @param {string} root of the site's files
 * @param {(words: string, done: number) => void} progress says how much has come, and of how much
 * @returns {Place}
 */
export function files(folder, root, progress) {
  let [loaded, total] = [0, kept.has("ort") ? 0 : ORT_BYTES];
  const count = (n) => {
    loaded += n;
    total = Math.max(total, loaded);
    const [some, all] = [loaded, total].map((size) => (size / 1e6).toFixed(total < 1e6 ? 2 : 1));
    progress(`Loading the model: ${some} of ${all} MB`, loaded / total);
  };
  const bytes = (url, expected = null) => {
    total += expected?.bytes ?? 0;
    return fetched(url, expected, count);
  };
  const json = ({ file, ...expected }, fits) =>
    once(folder + file, async () => {
      const data = await bytes(folder + file, "bytes" in expected ? expected : null);
      try {
        const told = JSON.parse(new TextDecoder().decode(data));
        if (fits(told)) return told;
      } catch {}
      throw broken(file, "this page does not know its form");
    });
  const place = { folder, root, once, json, bytes, load: () => load(place) };
  return place;
}

/** What model.json tells, and the kind of the model, whose script is loaded for it.
 * @param {Place} place @param {string[]} kinds the names of the scripts that there are
 * @returns {Promise<{spec: any, kind: Kind}>} */
export async function describe({ root, json, bytes }, kinds) {
  if (location.protocol === "file:") throw Error(SERVE);
  const named = ({ kind }) => kind.replace(/[ -]/g, "_");
  const told = { file: "model.json" };
  const spec = await json(told, (found) => found.format === FORMAT && kinds.includes(named(found)));
  const script = `${named(spec)}.js`;
  const kind = await once(script, async () =>
    moduleOf(script, await bytes(`${root}kinds/${script}`)),
  );
  if (!kind.fits(spec)) throw broken(told.file, "this page does not know its form");
  return { spec, kind };
}

/** onnxruntime-web. `wasm` is kept for `blame`. @param {Place} place */
async function runtime({ root, bytes }) {
  const [script, binary] = ORT.map((name) => `${root}vendor/ort/${name}`);
  const [code, wasm] = [await bytes(script), await bytes(binary)];
  const ort = await moduleOf(ORT[0], code);
  ort.env.logLevel = "error";
  Object.assign(ort.env.wasm, { wasmBinary: wasm, wasmPaths: { wasm: binary }, numThreads: 1 });
  return { ort, wasm };
}

/** Why a graph did not start. Of a runtime that did not, nothing is kept. */
function blame(file, wasm) {
  let works = false;
  try {
    works = WebAssembly.validate(wasm);
    if (works) new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
  } catch {
    kept.delete("ort");
    return Error("The live model needs WebAssembly, which this page is not allowed to run.");
  }
  if (works) return broken(file, "it is no model that this page can run");
  kept.delete("ort");
  return broken(ORT[1], "it is cut short, or another file came in its place");
}

/** The graphs of a model, as functions of named tensors. @param {Place & {spec?: any}} place */
async function load(place) {
  const { folder, bytes } = place;
  const spec = await kept.get(`${folder}model.json`);
  const { ort, wasm } = await once("ort", () => runtime(place));
  const graphs = {};
  for (const [name, { file, ...expected }] of Object.entries(spec.graphs)) {
    const session = await once(folder + file, async () => {
      const data = await bytes(folder + file, expected);
      return ort.InferenceSession.create(data).catch(() => {
        throw blame(file, wasm);
      });
    });
    graphs[name] = (inputs) =>
      session.run(Object.fromEntries(session.inputNames.map((each) => [each, inputs[each]])));
  }
  const int64 = (list, dims) => new ort.Tensor("int64", BigInt64Array.from(list, BigInt), dims);
  const float32 = (list, dims) => new ort.Tensor("float32", Float32Array.from(list), dims);
  return { graphs, int64, float32 };
}
