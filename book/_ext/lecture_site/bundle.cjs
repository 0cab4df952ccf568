// Bundles and minifies scripts and style sheets, when the book is built.
// Standard input:  {"entries": [path of a .js or .css file, ...]}
// Standard output: [text, ...], in the same order; a script is a classic one, because a browser
// refuses to load modules from file://
"use strict";

const { readFileSync } = require("node:fs");
const { buildSync } = require("esbuild");

const { entries } = JSON.parse(readFileSync(0, "utf8"));

const texts = entries.map((entry) => {
  const { outputFiles } = buildSync({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    format: "iife",
    banner: { js: '"use strict";' }, // as a module is
    charset: "utf8",
    legalComments: "none",
    logLevel: "error",
    external: ["*.woff2"], // a style sheet's fonts stay files of the site
    write: false,
  });
  return outputFiles[0].text;
});
process.stdout.write(JSON.stringify(texts));
