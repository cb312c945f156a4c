// Answers, line by line, what Microsoft's Kusto parser and binder say about queries.
//
// Each input line is {"tables": {table: {column: type}}, "query": text}; each output line is
// {"diagnostics": [{"code", "severity", "start", "length", "message"}], "columns": [{"name", "type"}]}.
'use strict';

const path = require('node:path');
const readline = require('node:readline');

const library = path.join(__dirname, 'node_modules', '@kusto', 'language-service-next');
require(path.join(library, 'bridge.min.js'));
require(path.join(library, 'Kusto.Language.Bridge.min.js'));

const { KustoCode, GlobalState, Symbols } = globalThis.Kusto.Language;

function* each(sequence) {
  const cursor = globalThis.Bridge.getEnumerator(sequence);
  while (cursor.moveNext()) yield cursor.Current;
}

function tableSymbol([table, columns]) {
  const symbols = Object.entries(columns).map(([column, type]) => {
    const scalar = Symbols.ScalarTypes.GetSymbol(type);
    if (!scalar) throw new Error(`unknown column type ${type}`);
    return new Symbols.ColumnSymbol(column, scalar, null, null, null, null);
  });
  return new Symbols.TableSymbol.$ctor4(table, symbols);
}

const known = new Map();

function stateFor(tables) {
  const key = JSON.stringify(tables);
  if (!known.has(key)) {
    const database = new Symbols.DatabaseSymbol.ctor('db', Object.entries(tables).map(tableSymbol));
    known.set(key, GlobalState.Default.WithDatabase(database));
  }
  return known.get(key);
}

function answer({ tables, query }) {
  const code = KustoCode.ParseAndAnalyze(query, stateFor(tables));
  const diagnostics = [...each(code.GetDiagnostics())].map((found) => ({
    code: found.Code,
    severity: found.Severity,
    start: found.Start,
    length: found.Length,
    message: found.Message,
  }));
  const result = code.ResultType && code.ResultType.Columns;
  const columns = result
    ? [...each(result)].map((column) => ({ name: column.Name, type: column.Type && column.Type.Name }))
    : [];
  return { diagnostics, columns };
}

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  if (line.trim() === '') return;
  process.stdout.write(`${JSON.stringify(answer(JSON.parse(line)))}\n`);
});
