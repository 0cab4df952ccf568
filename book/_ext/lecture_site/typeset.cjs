// Typesets formulas with MathJax, once, when the book is built.
// Standard input:  {"mathjax": folder, "fonts": URL, "formulas": [[TeX, display], ...]}
// Standard output: {"html": [markup or null, ...], "errors": [message or null, ...], "css": text}
"use strict";

const { readFileSync } = require("node:fs");
const { join } = require("node:path");

const { mathjax, fonts, formulas } = JSON.parse(readFileSync(0, "utf8"));

async function main() {
  const MathJax = await require(join(mathjax, "es5", "node-main.js")).init({
    loader: { load: ["input/tex-full", "output/chtml", "adaptors/liteDOM", "a11y/assistive-mml"] },
    tex: {
      packages: { "[-]": ["noundefined", "noerrors"] },
      formatError: (_, error) => {
        throw error;
      },
    },
    chtml: { fontURL: fonts },
    options: { enableAssistiveMml: true },
  });
  const { adaptor } = MathJax.startup;
  const html = [];
  const errors = [];
  for (const [tex, display] of formulas) {
    try {
      html.push(adaptor.outerHTML(await MathJax.tex2chtmlPromise(tex, { display })));
      errors.push(null);
    } catch (error) {
      html.push(null);
      errors.push(error.message);
    }
  }
  const css = adaptor.textContent(MathJax.chtmlStylesheet());
  process.stdout.write(JSON.stringify({ html, errors, css }));
}

main();
