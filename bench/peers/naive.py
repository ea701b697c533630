"""A dynamic provider in the style of the official examples, in a module of its own."""

import base64
import hashlib
import hmac
import os
import time
import uuid
from urllib.parse import quote

import requests
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider


def launch(props):
    values = {
        "Action": "RunCycleDagNodes",
        "Version": "2020-05-18",
        "AccessKeyId": os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"],
        "SignatureMethod": "HMAC-SHA1",
        "SignatureVersion": "1.0",
        "SignatureNonce": str(uuid.uuid4()),
        "Timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "ProjectEnv": props["projectEnv"],
        "Name": props["name"],
        "RootNodeId": props["rootNodeId"],
        "IncludeNodeIds": props["rootNodeId"],
        "StartBizDate": f"{props['startBizDate']} 00:00:00",
        "EndBizDate": f"{props['endBizDate']} 00:00:00",
        "Parallelism": "false",
    }
    pairs = "&".join(
        f"{quote(k, safe='~')}={quote(v, safe='~')}" for k, v in sorted(values.items())
    )
    text = f"POST&%2F&{quote(pairs, safe='~')}".encode()
    secret = os.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"]
    digest = hmac.new(f"{secret}&".encode(), text, hashlib.sha1).digest()
    values["Signature"] = base64.b64encode(digest).decode()
    return requests.post(os.environ["DATAWORKS_ENDPOINT"], data=values, timeout=30).json()["Data"]


class TokenProvider(ResourceProvider):
    """As cheap as a second resource can be."""

    def create(self, props):
        return CreateResult(uuid.uuid4().hex, {**props, "token": uuid.uuid4().hex})


class BackfillProvider(ResourceProvider):
    def create(self, props):
        ids = launch(props)
        return CreateResult(str(ids[0]), {**props, "nodeIds": [str(one) for one in ids]})

    def diff(self, id, olds, news):
        changed = any(olds.get(key) != news[key] for key in news if key != "__provider")
        return DiffResult(changes=changed)


def inputs(number):
    return {
        "name": f"orders-{number}",
        "projectEnv": "PROD",
        "rootNodeId": "74324",
        "startBizDate": "2026-05-01",
        "endBizDate": "2026-05-31",
    }


class Token(Resource):
    def __init__(self, name, props=None, opts=None):
        super().__init__(TokenProvider(), name, {**(props or {}), "token": None}, opts)


class Backfill(Resource):
    def __init__(self, name, props, opts=None):
        super().__init__(BackfillProvider(), name, {**props, "nodeIds": None}, opts)
