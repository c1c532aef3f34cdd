"""Makes the calls of a plan with Stripe's Python package. The plan comes by standard input; a line of JSON goes out for each call."""

import inspect
import json
import sys

import stripe

plan = json.load(sys.stdin)
memory = {}


def client(key):
    addresses = {name: plan["base"] for name in ("api", "files", "connect", "meter_events")}
    return stripe.StripeClient(key, base_addresses=addresses, max_network_retries=0)


first = client(plan["key"])


def filled(arguments):
    """An argument may be what an earlier call found: the id of its first object, or the object's parent."""
    found = []
    for argument in arguments:
        if not isinstance(argument, dict):
            found.append(argument)
        elif "id_of" in argument:
            found.append(memory[argument["id_of"]][1])
        else:
            found.append(memory[argument["parent_of"]][0])
    return found


def plain(value):
    if isinstance(value, stripe.StripeObject):
        return value.to_dict(for_json=True)
    return value


def webhook(call):
    given = call["params"]
    body, header, secret = given["body"], given["header"], given["secret"]
    if call["python"] == "construct_event":
        event = stripe.Webhook.construct_event(body, header, secret, tolerance=given["tolerance"])
    else:
        event = first.parse_event_notification(body, header, secret, tolerance=given["tolerance"])
        return {"object": {"id": event.id, "object": "v2.core.event", "type": event.type}}
    return {"object": plain(event)}


def made(call):
    if call["as"] == "webhook":
        return webhook(call)
    method = first
    for name in call["python"].split("."):
        method = getattr(method, name)
    arguments = filled(call["args"])
    taken = inspect.signature(method).parameters
    given = {"options": call["options"]}
    if "params" in taken:
        given["params"] = call["params"]
    answer = method(*arguments, **given)
    if call["as"] == "one":
        return {"object": plain(answer), "headers": dict(answer.last_response.headers)}
    if call["as"] == "list":
        objects = [plain(item) for item in answer.data]
        return {"objects": objects, "has_more": getattr(answer, "has_more", None)}
    objects = [plain(item) for item in answer.auto_paging_iter()]
    if objects and call["name"] not in memory:
        memory[call["name"]] = (arguments[0] if arguments else None, objects[0]["id"])
    return {"objects": objects}


for call in plan["calls"]:
    try:
        outcome = made(call)
    except stripe.StripeError as error:
        kind = type(error).__name__
        outcome = {
            "error": {
                "kind": kind,
                "status": error.http_status,
                "code": error.code,
                "param": getattr(error, "param", None),
                "message": str(error),
            }
        }
    except Exception as error:  # What the package itself stumbles over is an outcome, too.
        outcome = {"failed": f"{type(error).__name__}: {error}"}
    print(json.dumps({"call": call["number"], "outcome": outcome}))
