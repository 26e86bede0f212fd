// Validates an AsyncAPI document with the specification's own parser; prints what it found there as JSON.
import { readFile } from "node:fs/promises";
import { Parser } from "@asyncapi/parser";

const ERROR = 0;
const text = await readFile(process.argv[2], "utf8");
const { document, diagnostics } = await new Parser().parse(text);
const errors = diagnostics.filter((found) => found.severity === ERROR);
const told = ({ code, message, path }) => `${path.join(".")}: ${message} (${code})`;
if (errors.length) {
  console.error(errors.map(told).join("\n"));
  process.exit(1);
}
console.log(
  JSON.stringify({
    version: document.version(),
    channels: document.channels().all().map((channel) => channel.address()),
    messages: document.messages().all().map((message) => message.name()),
    warnings: diagnostics.map(told),
  }),
);
