// What a page without a kernel needs to run an exported model: loading, checking, running, and the
// talk with the reader about it. Every error is a sentence for the reader.
const live = (() => {
  const cache = new Map(); // of promises, for as long as the page lives
  function once(key, make) {
    if (!cache.has(key)) {
      cache.set(key, make());
      cache.get(key).catch(() => cache.delete(key));
    }
    return cache.get(key);
  }

  const broken = (name, why) => Error(`${name} could not be used: ${why}. Edit the text to try again.`);

  /** The bytes of a file, checked against `spec` ({bytes, sha256}) where there is one. */
  async function bytes(url, spec, count) {
    const name = url.split("/").pop();
    const parts = [];
    let done = 0;
    const response = await fetch(url).catch(() => {
      throw broken(name, "the connection failed");
    });
    if (!response.ok) throw broken(name, `the server answers ${response.status}`);
    try {
      const reader = response.body.getReader();
      for (let part; !(part = await reader.read()).done; ) {
        parts.push(part.value);
        done += part.value.length;
        count(part.value.length);
      }
    } catch {
      throw broken(name, "the connection failed");
    }
    if (spec && done !== spec.bytes) throw broken(name, `${done} of ${spec.bytes} bytes arrived`);
    const data = await new Blob(parts).arrayBuffer();
    if (spec && globalThis.crypto?.subtle) {
      const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
      if (hash.reduce((hex, b) => hex + (b + 256).toString(16).slice(1), "") !== spec.sha256)
        throw broken(name, "its checksum is wrong");
    }
    return data;
  }

  /** Where the exported model `name` lies, and how much of it has come: said by `progress`.
   *  root: URL of the static folder. */
  function place(name, { root, progress }) {
    let loaded = 0;
    const count = (n) => progress(`Loading the model: ${((loaded += n) / 1e6).toFixed(1)} MB`);
    return { root, folder: `${root}models/${name}/`, count };
  }

  /** A JSON file of a model, with the form that `fits`; `expected`: its {bytes, sha256} or null. */
  function json({ folder, count }, file, expected, fits) {
    if (location.protocol === "file:")
      throw Error("The live model needs the folder to be served: run `python -m http.server -d _build/html` and open http://localhost:8000");
    return once(folder + file, async () => {
      const data = await bytes(folder + file, expected, count);
      try {
        const told = JSON.parse(new TextDecoder().decode(data));
        if (fits(told)) return told;
      } catch {}
      throw broken(file, "this page does not know its form");
    });
  }

  /** model.json of an exported model, which must be of this kind. */
  const about = (place, kind) =>
    json(place, "model.json", null, (spec) => spec.format === 1 && spec.kind === kind);

  /** The runtime, and the graphs of the model in it, by name; int64(list, dims) makes a tensor. */
  async function load({ root, folder, count }, spec) {
    const ort = await once("ort", async () => {
      const vendor = `${root}vendor/ort/`;
      const name = "ort.wasm.bundle.min.mjs";
      const wasm = `${vendor}ort-wasm-simd-threaded.wasm`;
      const wasmBinary = await bytes(wasm, null, count);
      const made = await import(vendor + name).catch(() => {
        throw broken(name, "it does not run here");
      });
      made.env.logLevel = "error";
      Object.assign(made.env.wasm, { wasmBinary, wasmPaths: { wasm }, numThreads: 1 });
      return made;
    });
    const graphs = {};
    for (const [part, { file, ...expected }] of Object.entries(spec.graphs))
      graphs[part] = await once(folder + file, async () => {
        const data = await bytes(folder + file, expected, count);
        return ort.InferenceSession.create(data).catch(() => {
          throw broken(file, "it is no model that this page can run");
        });
      });
    const int64 = (list, dims) => new ort.Tensor("int64", BigInt64Array.from(list, BigInt), dims);
    return { graphs, int64 };
  }

  /** Run a graph: inputs by name, those it does not have left out; outputs in their order. */
  async function run(session, inputs) {
    const given = Object.fromEntries(session.inputNames.map((name) => [name, inputs[name]]));
    const made = await session.run(given);
    return session.outputNames.map((name) => made[name]);
  }

  /** The `count` most probable of some names, [name, probability], by the scores of all of them; a
   *  name that is empty is none. */
  function best(scores, names, count) {
    const top = Math.max(...scores);
    const powers = Array.from(scores, (x) => Math.exp(x - top));
    const sum = powers.reduce((a, b) => a + b);
    const order = [...powers.keys()].filter((k) => names[k]).sort((a, b) => powers[b] - powers[a]);
    return order.slice(0, count).map((k) => [names[k], powers[k] / sum]);
  }

  const last = {}; // what was drawn last, of each pool
  /** One of a pool at random, never the same twice in a row; `none` is said of an empty one. */
  function draw(key, pool, none) {
    if (!pool.length) throw Error(none);
    let k = Math.floor(Math.random() * (pool.length - (key in last)));
    if (key in last && pool.length > 1 && k >= last[key]) k++;
    return pool[(last[key] = k)];
  }

  /** The talk about what the reader writes: the last question counts; what fails is said, and the
   *  last good answer stays. In a page answer({root, progress, step, alive}) gives the answer, or
   *  null as soon as alive() is false; in a notebook the kernel does, which is sent request().
   *  show(answer, busy): draws an answer, or the state if it is null; busy: more of it follows.
   *  still(answer): what is shown after a failure; mark(error): marks what is wrong, null: nothing. */
  function talk({ model, signal, status, busy, request, answer, show, still, mark }) {
    let good = null; // the last complete answer; null: the state
    let half = false; // whether a part of another one is on the screen
    let [now, timer] = [0, 0];

    function tell(words, error = null) {
      if (status.textContent !== words) status.textContent = words;
      status.classList.toggle("lv-wrong", !!error);
      mark(error);
    }
    function fail(error) {
      if (half) show(good);
      half = false;
      tell(`${error.message} Still shown: ${still(good ?? model.get("state"))}`, error);
    }
    async function run() {
      clearTimeout(timer);
      const mine = (now = Math.random());
      const alive = () => now === mine && !signal.aborted;
      tell(busy);
      if (model.get("home") !== "page") {
        model.set("request", { n: mine, ...request() });
        return model.save_changes();
      }
      try {
        const made = await answer({
          root: model.get("root"),
          progress: (words) => alive() && tell(words),
          step(part) {
            half = true;
            tell(busy);
            show(part, true);
          },
          alive,
        });
        if (!made) return;
        half = false;
        show((good = made));
        tell(made.message);
      } catch (error) {
        if (alive()) fail(error);
      }
    }
    model.on("change:state", () => {
      good = null;
      tell(model.get("state").message);
    });
    model.on("change:reply", () => model.get("reply").n === now && fail(Error(model.get("reply").error)));
    return {
      run,
      /** Run after a pause in the reader's writing. */
      later() {
        now = 0;
        clearTimeout(timer);
        timer = setTimeout(run, 400);
      },
    };
  }

  /** The labels of those who can answer: exported models in a page, else the kernel's functions. */
  const answerers = (model, functions) =>
    model.get("home") === "page" ? model.get("state").live.map(([label]) => label) : functions;

  /** A form for one line of text; nothing where nobody would answer.
   *  functions: labels of the kernel's; verb: what the button says; answer(name, text, hooks): the
   *  exported model's, see `talk`. */
  function field({ model, signal, show, functions, verb, busy, answer }) {
    const { h } = core;
    const { live: models, column_label, message, text, examples } = model.get("state");
    const choices = answerers(model, functions);
    if (!choices.length) return null;
    const id = core.unique();
    const status = h("p", { role: "status", id, class: "lv-status" }, message);
    const input = h("input", { type: "text", value: text, "aria-describedby": id, autocomplete: "off", autocapitalize: "off", spellcheck: "false", enterkeyhint: "go" });
    let which = 0;
    const { run, later } = talk({
      model, signal, status, busy, show,
      request: () => ({ text: input.value, label: choices[which] }),
      answer: (hooks) => answer(models[which][1], input.value, hooks),
      still: (good) => good.text,
      mark: (error) => input.setAttribute("aria-invalid", !!error),
    });
    model.on("change:state", () => input === document.activeElement || (input.value = model.get("state").text));
    input.oninput = later;
    const attempt = (example) => h("button", { type: "button", onclick: () => ((input.value = example), run()) }, example);
    return h("form", { class: "lv-ask", onsubmit: (event) => (event.preventDefault(), run()) },
      h("label", {}, h("span", {}, column_label), input),
      h("button", {}, verb),
      choices.length > 1 && core.choice("model", choices, (k) => ((which = k), run())),
      status,
      examples.length > 0 && h("div", { class: "lv-tries" }, "try", ...examples.map(attempt)));
  }

  return { once, broken, place, json, about, load, run, best, draw, talk, answerers, field };
})();
