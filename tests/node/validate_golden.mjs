// Validates every golden record of the contracts with Ajv, in its strict mode; prints how many of each type fitted.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const [contracts] = process.argv.slice(2);
const read = async (...steps) => JSON.parse(await readFile(join(contracts, ...steps), "utf8"));
const ajv = new Ajv2020.default({ strict: true, allErrors: true });
addFormats.default(ajv);

const headers = ajv.compile(await read("schemas", "headers.json"));
const fitted = {};
for (const type of await readdir(join(contracts, "golden"))) {
  const value = ajv.compile(await read("schemas", `${type}.json`));
  for (const name of await readdir(join(contracts, "golden", type))) {
    const record = await read("golden", type, name);
    if (!headers(record.headers)) throw new Error(`${type}/${name}: ${ajv.errorsText(headers.errors)}`);
    if (!value(record.value)) throw new Error(`${type}/${name}: ${ajv.errorsText(value.errors)}`);
    fitted[type] = (fitted[type] ?? 0) + 1;
  }
}
console.log(JSON.stringify(fitted));
