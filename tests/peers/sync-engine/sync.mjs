// Lets a sync engine copy a whole account: node sync.mjs PACKAGE. The environment names the rest: PEER_HOME has the packages,
// PEER_SCHEMA is a file of OpenAPI, PEER_DATABASE is empty, PEER_STRIPE and PEER_KEY are the fake's.
import { createRequire } from "node:module";
import { join } from "node:path";

const [name] = process.argv.slice(2);
const { PEER_HOME, PEER_SCHEMA, PEER_DATABASE, PEER_STRIPE, PEER_KEY } = process.env;
const address = new URL(PEER_STRIPE);
const packages = createRequire(join(PEER_HOME, "package.json"));
const engine = packages(name);
// The package's own copy of Stripe's library: neither engine has a setting for the address, so the library gets it.
let library = createRequire(packages.resolve(name))("stripe").prototype;
while (!Object.hasOwn(library, "_getPropsFromConfig")) library = Object.getPrototypeOf(library);
const settings = library._getPropsFromConfig;
library._getPropsFromConfig = function (config) {
  const place = { host: address.hostname, port: address.port, protocol: "http" };
  return settings.call(this, { ...config, ...place });
};

const complaints = new Set();
const logger = {
  info() {},
  debug() {},
  warn: (...said) => complaints.add(said),
  error: (...said) => complaints.add(said),
};

async function supabase() {
  await engine.runMigrations({ databaseUrl: PEER_DATABASE, schema: "stripe", logger });
  const sync = new engine.StripeSync({
    poolConfig: { connectionString: PEER_DATABASE, max: 10 },
    stripeSecretKey: PEER_KEY,
    stripeWebhookSecret: "",
    autoExpandLists: true,
    backfillRelatedEntities: true,
    logger,
  });
  const synced = await sync.syncBackfill({ object: "all" });
  const { rows } = await sync.postgresClient.query('select id from stripe.customers');
  await sync.syncFeatures();
  for (const { id } of rows) await sync.syncEntitlements(id);
  await sync.postgresClient.pool.end();
  return synced;
}

async function stripe() {
  const version = "2020-08-27";
  await engine.runMigrations({
    databaseUrl: PEER_DATABASE,
    stripeApiVersion: version,
    openApiSpecPath: PEER_SCHEMA,
    logger,
  });
  const sync = await engine.StripeSync.create({
    poolConfig: { connectionString: PEER_DATABASE, max: 10 },
    stripeSecretKey: PEER_KEY,
    stripeApiVersion: version,
    autoExpandLists: true,
    backfillRelatedEntities: true,
    logger,
  });
  const { totals } = await sync.fullSync(undefined, true, 20, 100, false);
  await sync.close();
  return totals;
}

const ways = { "@supabase/stripe-sync-engine": supabase, "@stripe/sync-engine": stripe };
console.log(JSON.stringify(await ways[name]()));
for (const said of complaints) console.error(...said);
