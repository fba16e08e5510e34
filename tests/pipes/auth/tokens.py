"""Tokens made by the real packages: `static_tokens.json` by tinybird's own function, `jwts.json` by PyJWT.

    python tests/pipes/auth/tokens.py            writes them
    python tests/pipes/auth/tokens.py --verify   fails when they differ from what would be written

Wants a Python with `tinybird` 5.0.2, which brings PyJWT. PyJWT also judges each JWT at the time `NOW`; where Tinybird or we
judge otherwise, the case says why.
"""

import base64
import datetime
import hashlib
import hmac
import json
import pathlib
import sys

import jwt
from tinybird.tb.modules.local import generate_token

HERE = pathlib.Path(__file__).parent
NOW = 1_800_000_000
WORKSPACE = "0b9c5d1e-8a4f-4a55-9d61-3f6f0a5a7c11"
OTHER = "7f0b9a52-31d4-4a0e-8f4b-52f5d9a7e0c2"
SECRET = generate_token({"u": WORKSPACE, "id": "c1f5ef0e-4a59-4a1a-8df4-3a1b7d3f9a01", "host": None})
OTHER_SECRET = generate_token({"u": OTHER, "id": "5d2f7a6b-0e3c-4f19-b7a8-6c4d2e1f0a02", "host": None})
MEMBER_SECRET = generate_token({"u": WORKSPACE, "id": "9e8d7c6b-5a49-4382-9716-0f1e2d3c4b03", "host": None})


def static_tokens():
    cases = [
        (WORKSPACE, "c1f5ef0e-4a59-4a1a-8df4-3a1b7d3f9a01", None),
        (OTHER, "5d2f7a6b-0e3c-4f19-b7a8-6c4d2e1f0a02", None),
        (WORKSPACE, "9e8d7c6b-5a49-4382-9716-0f1e2d3c4b03", "https://api.example.com"),
        ("w", "", None),
        ('quo"te\\', "i", "local\thost"),
    ]
    return [
        {"owner": u, "id": i, "host": h, "token": generate_token({"u": u, "id": i, "host": h})} for u, i, h in cases
    ]


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def by_hand(header, payload, secret=SECRET, digest=hashlib.sha256):
    """A token with any header, which PyJWT would not make."""
    text = payload if isinstance(payload, str) else json.dumps(payload)
    signed = f"{b64(header.encode())}.{b64(text.encode())}"
    return f"{signed}.{b64(hmac.new(secret.encode(), signed.encode(), digest).digest())}"


def payload(**changes):
    made = {
        "workspace_id": WORKSPACE,
        "name": "frontend",
        "exp": NOW + 600,
        "scopes": [{"type": "PIPES:READ", "resource": "top", "fixed_params": {"org": "a", "n": 3}}],
    }
    made.update(changes)
    return {key: value for key, value in made.items() if value is not ...}


def signed(secret=SECRET, algorithm="HS256", headers=None, **changes):
    return jwt.encode(payload(**changes), secret, algorithm=algorithm, headers=headers)


HS256 = '{"alg":"HS256","typ":"JWT"}'
READ = {"type": "DATASOURCES:READ", "resource": "events"}
TOP = ["pipe", "top", None, {"org": "a", "n": 3}]


def cases():
    good = signed()
    head, body, signature = good.split(".")
    other_body = signed(name="backend").split(".")[1]
    tampered = ("A" if signature[0] != "A" else "B") + signature[1:]
    # The last of 43 characters has two bits to spare.
    same_bits = signature[:-1] + chr(ord(signature[-1]) + 1)
    valid = [
        ("plain", good, {"grants": [TOP]}),
        ("one second left", signed(exp=NOW + 1), {"grants": [TOP]}),
        ("parts of a second are cut off", signed(exp=NOW + 1.9), {"grants": [TOP]}),
        ("far", signed(exp=123123123123), {"grants": [TOP]}),
        ("without fixed params", signed(scopes=[{"type": "PIPES:READ", "resource": "top"}]),
         {"grants": [["pipe", "top", None, {}]]}),
        ("nulls", signed(scopes=[{**READ, "filter": None, "fixed_params": None}], limits=None),
         {"grants": [["datasource", "events", None, {}]]}),
        ("filter", signed(scopes=[{**READ, "filter": "org = 'a:b'"}]),
         {"grants": [["datasource", "events", "org = 'a:b'", {}]]}),
        ("two scopes", signed(scopes=[{**READ, "filter": "a = 1"}, {"type": "PIPES:READ", "resource": "t_1f"}]),
         {"grants": [["datasource", "events", "a = 1", {}], ["pipe", "t_1f", None, {}]]}),
        ("append", signed(scopes=[{"type": "DATASOURCES:APPEND", "resource": "events"}]), {"grants": []}),
        ("no scopes", signed(scopes=[]), {"grants": []}),
        ("rps", signed(limits={"rps": 10}), {"grants": [TOP], "rps": 10}),
        ("rps of zero is none", signed(limits={"rps": 0}), {"grants": [TOP]}),
        ("rps below zero is none", signed(limits={"rps": -1}), {"grants": [TOP]}),
        ("part of a request", signed(limits={"rps": 0.5}), {"grants": [TOP], "rps": 1}),
        ("other claims", signed(iss="me", sub="u", iat=NOW + 60, custom=[1]), {"grants": [TOP]}),
        ("nbf is now", signed(nbf=NOW), {"grants": [TOP]}),
        ("other header fields", signed(headers={"kid": "1"}), {"grants": [TOP]}),
    ]
    expired = [
        ("this second", signed(exp=NOW)),
        ("long ago", signed(exp=1)),
        ("a part of a second left", signed(exp=NOW + 0.9)),
    ]
    refused = [
        ("signature of another payload", f"{head}.{other_body}.{signature}"),
        ("changed signature", f"{head}.{body}.{tampered}"),
        ("no signature", f"{head}.{body}."),
        ("two parts", f"{head}.{body}"),
        ("four parts", f"{good}.{signature}"),
        ("cut signature", good[:-1]),
        ("blank at the end", good + " "),
        ("secret of another workspace", signed(secret=OTHER_SECRET)),
        ("secret of a member", signed(secret=MEMBER_SECRET)),
        ("empty secret", by_hand(HS256, payload(), secret="")),
        ("another workspace's id", signed(workspace_id=OTHER)),
        ("none without signature", jwt.encode(payload(), None, algorithm="none")),
        ("none with the signature of HS256", by_hand('{"alg":"none"}', payload())),
        ("HS512", signed(algorithm="HS512")),
        ("HS384", signed(algorithm="HS384")),
        ("HS512 with the signature of HS256", by_hand('{"alg":"HS512"}', payload())),
        ("RS256 with the signature of HS256", by_hand('{"alg":"RS256"}', payload())),
        ("no exp", signed(exp=...)),
        ("exp is a text", signed(exp="soon")),
        ("exp is null", by_hand(HS256, payload(exp=None))),
        ("not yet", signed(nbf=NOW + 1)),
        ("not an object", by_hand(HS256, "[1]")),
        ("not JSON", by_hand(HS256, "{")),
        ("header is not JSON", by_hand("{", payload())),
    ]
    differs = [
        ("no alg", by_hand("{}", payload()), "valid", {"grants": [TOP]}, "Tinybird does not read alg"),
        ("exp beyond all years", signed(exp=10**300), "refused", None, "times are counted in microseconds"),
        ("critical extension", by_hand('{"alg":"HS256","crit":["x"],"x":1}', payload()), "refused", None,
         "RFC 7515 wants it refused"),
        ("padding", good + "=", "refused", None, "one text for each signature"),
        ("other bits at the end", f"{head}.{body}.{same_bits}", "refused", None, "one text for each signature"),
        ("no name", signed(name=...), "refused", None, "the claim is Tinybird's"),
        ("no scopes at all", signed(scopes=...), "refused", None, "the claim is Tinybird's"),
        ("admin", signed(scopes=[{"type": "ADMIN"}]), "refused", None, "no scope of a JWT"),
        ("tokens", signed(scopes=[{"type": "TOKENS"}]), "refused", None, "no scope of a JWT"),
        ("drop", signed(scopes=[{"type": "DATASOURCES:DROP", "resource": "events"}]), "refused", None, "no scope of a JWT"),
        ("read all", signed(scopes=[{"type": "WORKSPACE:READ_ALL"}]), "refused", None, "no scope of a JWT"),
        ("organization", signed(scopes=[{"type": "DATASOURCES:READ", "resource": "organization.jobs_log"}]), "refused", None,
         "a workspace's admin cannot give it"),
        ("one scope that it cannot have", signed(scopes=[READ, {"type": "ADMIN"}]), "refused", None, "no scope of a JWT"),
        ("unknown scope", signed(scopes=[{"type": "PIPES:EAT", "resource": "top"}]), "refused", None, "no scope"),
        ("scope without resource", signed(scopes=[{"type": "PIPES:READ"}]), "refused", None, "no scope"),
        ("fixed params of a data source", signed(scopes=[{**READ, "fixed_params": {"a": 1}}]), "refused", None,
         "a restriction that cannot be kept"),
        ("fixed params in a list", signed(scopes=[{"type": "PIPES:READ", "resource": "top", "fixed_params": [1]}]),
         "refused", None, "a restriction that cannot be kept"),
        ("limit is a text", signed(limits={"rps": "10"}), "refused", None, "a restriction that cannot be kept"),
    ]
    for name, token, principal in valid:
        yield name, token, "valid", principal, None
    for name, token in expired:
        yield name, token, "expired", None, None
    for name, token in refused:
        yield name, token, "refused", None, None
    yield from differs


class Then(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return datetime.datetime.fromtimestamp(NOW, tz)


def judged(token):
    """What PyJWT says of a token at `NOW`: `iat` is not for it to judge (RFC 7519 gives it no such meaning)."""
    options = {"require": ["exp"], "verify_iat": False}
    try:
        jwt.decode(token, SECRET, algorithms=["HS256"], options=options)
    except jwt.ExpiredSignatureError:
        return "expired"
    except (jwt.InvalidTokenError, OverflowError):
        return "refused"
    return "valid"


def jwts():
    jwt.api_jwt.datetime = Then
    made = []
    for name, token, outcome, principal, reason in cases():
        says = judged(token)
        # Another workspace's key is a matter of who asks; PyJWT knows one key.
        if reason is None and name != "another workspace's id":
            assert says == outcome, (name, says, outcome)
        elif reason is not None:
            assert says != outcome, (name, says, outcome)
        case = {"name": name, "outcome": outcome, "token": token}
        if principal is not None:
            case["principal"] = principal
        if reason is not None:
            case["pyjwt"] = {"outcome": says, "differs": reason}
        made.append(case)
    return {"now_s": NOW, "secret": SECRET, "other_secret": OTHER_SECRET, "cases": made}


def main():
    failed = False
    for name, made in (("static_tokens.json", static_tokens()), ("jwts.json", jwts())):
        text = json.dumps(made, indent=1) + "\n"
        path = HERE / name
        if "--verify" not in sys.argv[1:]:
            path.write_text(text)
        elif path.read_text() != text:
            print(f"{name} is not what tokens.py makes", file=sys.stderr)
            failed = True
        print(name, len(made if isinstance(made, list) else made["cases"]), "cases")
    sys.exit(failed)


if __name__ == "__main__":
    main()
