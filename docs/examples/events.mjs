// The portal's events for a subscriber in JavaScript: reads their Kafka records, checked against the JSON Schemas.

import { readFileSync, readdirSync } from "node:fs";
import addFormats from "ajv-formats";
import Ajv from "ajv/dist/2020.js";

/** A record that is no event of the portal's; the message names what is wrong and quotes nothing of what it says. */
export class Unreadable extends Error {}

/** The portal's language: reads a Kafka record, checked against the JSON Schemas of its headers and of its type. */
export class Events {
  constructor(folder) {
    const ajv = addFormats(new Ajv({ strict: false }));
    this.schemas = new Map();
    for (const file of readdirSync(folder).filter((name) => name.endsWith(".json"))) {
      const schema = JSON.parse(readFileSync(`${folder}/${file}`, "utf8"));
      this.schemas.set(file.slice(0, -".json".length), ajv.compile(schema));
    }
  }

  /** The event of a record: its type, key, version and data; `data` is null where what was under the key is gone. */
  read({ key, headers, value }) {
    const name = key?.toString();
    if (!name) throw new Unreadable("key: is missing");
    if (value === null) return { key: name, data: null };
    const attributes = Object.fromEntries(Object.entries(headers).map(([header, raw]) => [header, raw?.toString()]));
    this.check("headers", attributes);
    if (attributes.ce_subject !== name) throw new Unreadable("ce_subject: is not the record's key");
    const type = attributes.ce_type;
    const data = json(value);
    if (!this.schemas.has(type)) this.refuse(type);
    this.check(type, data);
    return { type, key: name, version: Number(attributes.ce_streamversion), data };
  }

  check(schema, part) {
    const isValid = this.schemas.get(schema);
    if (!isValid(part)) throw new Unreadable(`${schema}${isValid.errors[0].instancePath}: ${isValid.errors[0].keyword}`);
  }

  refuse(type) {
    const name = type.replace(/\d+$/, "");
    if (![...this.schemas.keys()].some((known) => known.startsWith(name))) throw new Unreadable("ce_type: is unknown");
    throw new Error(`${type} is newer than these schemas: bring them up to date and start again`);
  }
}

function json(value) {
  try {
    return JSON.parse(value.toString());
  } catch {
    throw new Unreadable("data: is no JSON");
  }
}
