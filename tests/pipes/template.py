"""The cases of the template language and the real engine's answers to them.

    python3 template.py --verify                 are the answers in template/*.jsonl those of the real engine?
    python3 template.py --bless                  write them anew
    python3 template.py --random SEED COUNT      random cases with answers, one a line, for TEMPLATE_CASES

Run it with a Python that has the package `tinybird` (5.0.2). A case is a line of JSON: `template` (the text after the `%`),
perhaps `params`, `secrets`, `mode` (`test`: as a check that lets unknown secrets pass, `deploy`: one that does not) and `name`;
`expect` is the real engine's answer; `ours`, with `why`, is what we answer where we differ on purpose.
Exit code 1 when an answer differs.
"""

import argparse
import copy
import io
import json
import logging
import re
import sys
import warnings
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from tinybird import sql_template
from tinybird.sql_template import SQLTemplateCustomError, get_used_tables_in_template, get_var_names_and_types
from tinybird.tornado_template import Template

FOLDER = Path(__file__).resolve().parent / "template"
SPECIAL = {float("inf"): None, float("-inf"): None}


def plain(value):
    """A value as JSON has it."""
    if isinstance(value, float) and (value != value or value in SPECIAL):
        return None
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key if isinstance(key, str) else json.dumps(key): plain(item) for key, item in value.items()}
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    return str(value)


def error_of(error):
    if isinstance(error, SyntaxError):
        # The line is that of the generated Python.
        return {"syntax": re.sub(r"detected at line \d+", "detected at line 1", error.msg)}
    if isinstance(error, SQLTemplateCustomError):
        return {"error": str(error.err), "status": error.code, "body": plain(error.err)}
    # A set of words has no order.
    text = re.sub(r"(?<=outside \{).*(?=\} block)", lambda words: ", ".join(sorted(words[0].split(", "))), str(error))
    out = {"error": text}
    page = getattr(error, "documentation", None)
    if page:
        out["page"] = page
    return out


def params_of(template):
    try:
        found = get_var_names_and_types(Template(template))
    except Exception as error:
        return str(error)
    for param in found:
        if not isinstance(param["name"], str):
            param["name"] = str(param["name"])
    return plain(found)


def render(case):
    mode = case.get("mode")
    rendered, results, notes = sql_template.render_sql_template(
        case["template"],
        variables=copy.deepcopy(case["params"]) if case.get("params") is not None else None,
        secrets=[sql_template.secret_template_key(name) for name in case["secrets"]] if case.get("secrets") else None,
        test_mode=mode is not None,
        name=case.get("name"),
        secrets_in_test_mode=mode == "test",
    )
    out = {"sql": rendered}
    settings = {key: sorted(value) if isinstance(value, set) else value for key, value in results.items()}
    if settings:
        out["settings"] = settings
    if results.ch_params:
        out["secrets"] = sorted(results.ch_params)
    if notes:
        out["warnings"] = notes
    return out


def read_error(case):
    """What keeps the template from being read, whatever the parameters are."""
    try:
        sql_template.get_template_and_variables(case["template"], case.get("name"))
    except Exception as error:
        return error
    return None


def answer(case):
    """The real engine's answer in the form of the files."""
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        error = read_error(case)
        if error is not None:
            if isinstance(error, sql_template.SecurityException):
                error = sql_template.SQLTemplateException(error)
            return error_of(error)
        try:
            out = render(case)
        except Exception as error:
            out = error_of(error)
        params = params_of(case["template"])
        if params:
            out["params"] = params
        try:
            sql_template.validate_template_parameter_names(case["template"])
        except ValueError as error:
            out["names"] = str(error)
        tables = get_used_tables_in_template(case["template"])
        if tables:
            out["tables"] = tables
    return out


def cases_of(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def line_of(case):
    return json.dumps(case, ensure_ascii=False)


def walk(bless):
    """How many cases there are, and how many answers differ."""
    count = wrong = 0
    for path in sorted(FOLDER.glob("*.jsonl")):
        cases = cases_of(path)
        for number, case in enumerate(cases, 1):
            count += 1
            found = answer(case)
            if found != case.get("expect"):
                wrong += 1
                if not bless:
                    print(f"{path.name}:{number}: {case['template']!r}\n  file   {case.get('expect')}\n  engine {found}")
            case["expect"] = found
            if "ours" in case:
                # What we differ in comes last, after what it differs from.
                case.update({key: case.pop(key) for key in ("ours", "why")})
        if bless:
            path.write_text("".join(line_of(case) + "\n" for case in cases), encoding="utf-8")
    return count, wrong


def print_random(seed, count):
    from template_random import random_case

    printed = number = 0
    while printed < count:
        case = random_case(seed * 1_000_003 + number)
        number += 1
        case["expect"] = answer(case)
        # Places in memory differ from run to run.
        if " at 0x" not in json.dumps(case["expect"]):
            print(line_of(case))
            printed += 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--verify", action="store_true")
    what.add_argument("--bless", action="store_true")
    what.add_argument("--random", nargs=2, type=int, metavar=("SEED", "COUNT"))
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    if options.random:
        print_random(*options.random)
        return 0
    count, wrong = walk(options.bless)
    print(f"{count} cases, {wrong} {'changed' if options.bless else 'differ'}")
    return int(bool(wrong) and not options.bless)


if __name__ == "__main__":
    sys.exit(main())
