"""Stripe's own package, asked by signature.rs: a JSON array of questions on stdin, one of answers on stdout."""

import json
import sys
import time

import stripe


def sign(question):
    return stripe.WebhookSignature.generate_signature_header(
        question["body"], question["secret"], question["now"]
    )


def verify(question):
    # The package reads the clock through this module.
    time.time = lambda: question["now"]
    try:
        event = stripe.Webhook.construct_event(
            question["body"].encode(),
            question["header"],
            question["secret"],
            question["tolerance"],
        )
    except stripe.SignatureVerificationError as error:
        return {"refused": error.user_message or str(error)}
    return {"event": event.id}


def unpack(question):
    event = stripe.Webhook.construct_event_without_verification(
        question["body"].encode()
    )
    return {"id": event.id, "type": event.type, "object": event.data.object["id"]}


def version(_):
    return stripe.VERSION


ASKED = {"sign": sign, "verify": verify, "unpack": unpack, "version": version}

json.dump([ASKED[q["ask"]](q) for q in json.load(sys.stdin)], sys.stdout)
