// Reads one JSON string a line, writes one line for each: {"ok": true, "ast": ...} or {"ok": false, "error": ...}.
"use strict";

const { readFileSync } = require("node:fs");
const { fromKueryExpression } = require("@cybernetex/kbn-es-query");

function answer(line) {
  try {
    return { ok: true, ast: fromKueryExpression(JSON.parse(line)) };
  } catch (error) {
    return { ok: false, error: error.message };
  }
}

const lines = readFileSync(0, "utf8").split("\n").filter((line) => line !== "");
process.stdout.write(lines.map((line) => JSON.stringify(answer(line)) + "\n").join(""));
