// A hospital's subscriber, an example to start from: a local index of patients, and a count of who registered where.
//
// It knows of the portal nothing but the JSON Schemas of its events. It needs events.mjs, Node 24 and four packages:
//   npm install kafkajs lz4-napi ajv ajv-formats
//   node subscriber.mjs --kafka localhost:9092 --file hospital.db --schemas schemas --group hospital.example
//
// What an event leads to and how far its topic has been read are written to the file in one transaction: whenever this
// program is ended, by SIGKILL too, it goes on where it was, nothing is missed and nothing counted twice.

import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { parseArgs } from "node:util";
import kafkajs from "kafkajs";
import { compressFrame, decompressFrame } from "lz4-napi";
import { Events, Unreadable } from "./events.mjs";

const { CompressionCodecs, CompressionTypes, Kafka, logLevel } = kafkajs;
const CARDS_STATE = "cards.state";
const IDENTITY_EVENTS = "identity.events";
const CARD = "ru.medonline.PatientCardState.v1";
const SIGN_IN = "ru.medonline.EsiaAuthenticated.v1";
const REGISTRATION = 2; // the version of an account's first sign-in: its consent is version 1
const FORGOTTEN_AFTER = 29 * 24 * 60 * 60; // seconds; tombstones are kept for 30 days
const TABLES = `
PRAGMA journal_mode = WAL; -- others may read the file meanwhile
CREATE TABLE IF NOT EXISTS place (topic TEXT, partition INTEGER, next INTEGER, read_at REAL,
  PRIMARY KEY (topic, partition));
CREATE TABLE IF NOT EXISTS patient (card_id TEXT PRIMARY KEY, family_name TEXT, given_name TEXT, middle_name TEXT,
  birth_date TEXT, snils TEXT, enp TEXT);
CREATE TABLE IF NOT EXISTS registered (account_id TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS registrations (region TEXT PRIMARY KEY, count INTEGER);
CREATE TABLE IF NOT EXISTS set_aside (topic TEXT, partition INTEGER, place INTEGER, reason TEXT,
  PRIMARY KEY (topic, partition, place));
`;

const now = () => Date.now() / 1000;

/** The local file: what is known of patients, the counts, and how far each partition has been read. */
class Hospital {
  constructor(file, events) {
    this.events = events;
    this.file = new DatabaseSync(file, { timeout: 5000 });
    this.file.exec(TABLES);
  }

  /** The offset to read next: the first, where nothing has been read yet and the reading begins now. */
  placeOf(topic, partition) {
    this.file.prepare("INSERT OR IGNORE INTO place VALUES (?, ?, 0, ?)").run(topic, partition, now());
    return this.file.prepare("SELECT next FROM place WHERE topic = ? AND partition = ?").get(topic, partition).next;
  }

  /** Whether tombstones may have gone unread, whose patients would stay here for ever; the index is empty then. */
  forgetsWhatMayBeStale() {
    const { oldest } = this.file.prepare("SELECT min(read_at) AS oldest FROM place WHERE topic = ?").get(CARDS_STATE);
    const isStale = oldest !== null && oldest < now() - FORGOTTEN_AFTER;
    const forget = `DELETE FROM patient; DELETE FROM place WHERE topic = '${CARDS_STATE}'`;
    if (isStale) this.atOnce(() => this.file.exec(forget));
    return isStale;
  }

  /** Note it of a partition that was read to this end when the broker was asked; what is stale stays so. */
  isRead(partition, end, askedAt) {
    const at = "UPDATE place SET read_at = ? WHERE topic = ? AND partition = ? AND next >= ? AND read_at >= ?";
    this.file.prepare(at).run(askedAt, CARDS_STATE, partition, end, askedAt - FORGOTTEN_AFTER);
  }

  /** Carry out what the batch says and note the place behind it, in one transaction. */
  take(batch) {
    const { topic, partition, messages } = batch;
    this.atOnce(() => {
      for (const message of messages) this.carryOut(topic, partition, message);
      const place = "INSERT INTO place VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET next = excluded.next";
      this.file.prepare(place).run(topic, partition, Number(batch.lastOffset()) + 1, now());
    });
  }

  carryOut(topic, partition, message) {
    try {
      const { type, key, version, data } = this.events.read(message);
      if (data === null) this.file.prepare("DELETE FROM patient WHERE card_id = ?").run(key);
      else if (type === CARD) this.keep(key, data.person);
      else if (type === SIGN_IN && version === REGISTRATION) this.count(key, data.region ?? "unknown");
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      const row = [topic, partition, Number(message.offset), error.message];
      this.file.prepare("INSERT OR REPLACE INTO set_aside VALUES (?, ?, ?, ?)").run(...row);
    }
  }

  /** What this hospital keeps of a card: Gosuslugi's word first, the holder's where Gosuslugi gave none. */
  keep(cardId, { confirmed, stated }) {
    const said = [confirmed, confirmed?.oms_policy, stated];
    const fields = ["family_name", "given_name", "middle_name", "birth_date", "snils", "enp"];
    const row = fields.map((field) => said.map((part) => part?.[field]).find(Boolean) ?? null);
    this.file.prepare("INSERT OR REPLACE INTO patient VALUES (?, ?, ?, ?, ?, ?, ?)").run(cardId, ...row);
  }

  /** Count it, unless it was delivered before: a topic may hold an event more than once. */
  count(accountId, region) {
    const { changes } = this.file.prepare("INSERT OR IGNORE INTO registered VALUES (?)").run(accountId);
    const count = "INSERT INTO registrations VALUES (?, 1) ON CONFLICT (region) DO UPDATE SET count = count + 1";
    if (changes) this.file.prepare(count).run(region);
  }

  atOnce(work) {
    this.file.exec("BEGIN IMMEDIATE");
    try {
      work();
      this.file.exec("COMMIT");
    } catch (error) {
      this.file.exec("ROLLBACK");
      throw error;
    }
  }
}

/** Read both topics for ever, each partition from the place in the file. */
async function follow(brokers, groupId, hospital) {
  const lz4 = { compress: ({ buffer }) => compressFrame(buffer), decompress: decompressFrame };
  CompressionCodecs[CompressionTypes.LZ4] = () => lz4;
  const kafka = new Kafka({ brokers, logLevel: logLevel.ERROR, ...access(process.env) });
  // kafkajs reads in a group and asks no more than that; what was read is known by the file alone, not by the group.
  const consumer = kafka.consumer({ groupId, sessionTimeout: 6000, heartbeatInterval: 2000, maxWaitTimeInMs: 1000 });
  let assigned = [];
  const goToPlaces = () => {
    for (const [topic, partitions] of assigned)
      for (const partition of partitions)
        consumer.seek({ topic, partition, offset: hospital.placeOf(topic, partition) });
  };
  consumer.on(consumer.events.GROUP_JOIN, ({ payload: { memberAssignment } }) => {
    assigned = Object.entries(memberAssignment);
    goToPlaces();
    console.log("reading");
  });
  consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => restart || end(error));
  hospital.forgetsWhatMayBeStale();
  await consumer.connect();
  await consumer.subscribe({ topics: [CARDS_STATE, IDENTITY_EVENTS], fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch, isStale }) => {
      if (isStale()) return; // it was fetched before all went to other places
      try {
        if (hospital.forgetsWhatMayBeStale()) goToPlaces(); // the brokers, or this machine, were away for long
        else hospital.take(batch);
      } catch (error) {
        end(error); // nothing of the batch has happened: the next start takes it again
      }
    },
  });
  const admin = kafka.admin();
  await admin.connect();
  setInterval(noteEnds, 10_000, admin, hospital);
}

/** Note which partitions are read to their ends; while the brokers are away there is nothing to note. */
async function noteEnds(admin, hospital) {
  const askedAt = now();
  const ends = await admin.fetchTopicOffsets(CARDS_STATE).catch(() => []);
  for (const { partition, high } of ends) hospital.isRead(partition, Number(high), askedAt);
}

/** As which user it comes in; where the environment names none, as anybody, which Kafka may not allow. */
function access({ KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password, KAFKA_CA_FILE: ca }) {
  if (!username) return {};
  return { ssl: ca ? { ca: readFileSync(ca) } : true, sasl: { mechanism: "scram-sha-512", username, password } };
}

function end({ message }) {
  console.error(message);
  process.exit(1);
}

const text = { type: "string" };
const { values: asked } = parseArgs({ options: { kafka: text, file: text, schemas: text, group: text } });
await follow(asked.kafka.split(","), asked.group, new Hospital(asked.file, new Events(asked.schemas)));
