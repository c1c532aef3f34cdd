// Makes the calls of a plan with Stripe's Node package. The plan comes by standard input; a line of JSON goes out for each call.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

// The package is installed beside the build, not beside this file.
const { default: Stripe } = await import(createRequire(`${process.env.STRIPE_NODE_HOME}/`).resolve("stripe"));

const plan = JSON.parse(readFileSync(0, "utf8"));
const { hostname, port } = new URL(plan.base);
const stripe = new Stripe(plan.key, { host: hostname, port, protocol: "http", maxNetworkRetries: 0, telemetry: false });
const memory = new Map();

const NAMES = {
  idempotency_key: "idempotencyKey",
  stripe_account: "stripeAccount",
  api_key: "apiKey",
  stripe_version: "apiVersion",
};

// An argument may be what an earlier call found: the id of its first object, or the object's parent.
function filled(argument) {
  if (typeof argument !== "object") return argument;
  const found = memory.get(argument.id_of ?? argument.parent_of);
  if (!found) throw new Error(`nothing was found by ${argument.id_of ?? argument.parent_of}`);
  return "id_of" in argument ? found.id : found.parent;
}

function webhook(call) {
  const { body, header, secret, tolerance } = call.params;
  if (call.node === "webhooks.constructEvent") {
    return { object: stripe.webhooks.constructEvent(body, header, secret, tolerance) };
  }
  const { id, type } = stripe.parseEventNotification(body, header, secret, tolerance);
  return { object: { id, object: "v2.core.event", type } };
}

async function made(call) {
  if (call.as === "webhook") return webhook(call);
  const names = call.node.split(".");
  const last = names.pop();
  const resource = names.reduce((of, name) => of[name], stripe);
  const args = call.args.map(filled);
  const options = Object.fromEntries(Object.entries(call.options).map(([name, value]) => [NAMES[name], value]));
  const answer = resource[last](...args, call.params, options);
  if (call.as === "one") {
    const object = await answer;
    return { object, headers: object.lastResponse?.headers ?? {} };
  }
  if (call.as === "list") {
    const list = await answer;
    return { objects: list.data, has_more: list.has_more ?? null };
  }
  const objects = [];
  for await (const object of answer) objects.push(object);
  if (objects.length > 0 && !memory.has(call.name)) memory.set(call.name, { parent: args[0] ?? null, id: objects[0].id });
  return { objects };
}

for (const call of plan.calls) {
  let outcome;
  try {
    outcome = await made(call);
  } catch (error) {
    if (error instanceof Stripe.errors.StripeError) {
      outcome = {
        error: {
          kind: error.type.replace(/^Stripe/, ""),
          status: error.statusCode ?? null,
          code: error.code ?? null,
          param: error.param ?? null,
          message: error.message,
        },
      };
    } else {
      outcome = { failed: String(error) };
    }
  }
  console.log(JSON.stringify({ call: call.number, outcome }));
}
