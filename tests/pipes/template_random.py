"""Random templates with parameters, from a small grammar. The same seed gives the same case."""

import random

NAMES = ["a", "b", "name", "ids", "n", "when", "x"]
TYPES = ["String", "Int32", "UInt8", "Int64", "Float64", "Date", "DateTime", "Boolean", "Array", "JSON", "Int", "UInt256"]
# No single quotes: in lists Python changes the quotes around them, and we do not.
TEXTS = ["", "a", "abc", "50%", "a,b", "1,2,3", "5", "-7", "3.5", "2024-01-02", "2024-01-02 03:04:05", "true", "0",
         '{"k": 1}', '[{"op": "x"}, {"op": "y"}]', "tick`", "back\\", 'say "q"', " pad ", "é日", "null", "1e5", "nan"]
JSON_VALUES = [None, True, False, 0, 7, -3, 2.5, 1e20, [], [1, 2], ["a", "b"], {"k": "v"}, [{"op": "x"}], [None]]
METHODS = ["upper()", "lower()", "strip()", "split(',')", "split()", "replace('a', 'b')", "startswith('a')", "endswith('c')",
           "get('k')", "get('k', 0)", "keys()", "items()", "count('a')", "find('b')", "title()", "zfill(4)", "isdigit()",
           "join(['p', 'q'])", "append(1)", "pop()", "index(1)", "values()", "rsplit(',', 1)", "partition(',')"]
FUNCTIONS = ["len", "str", "int", "float", "list", "sorted", "sum", "max", "min", "abs", "round", "bool", "tuple", "any", "all",
             "repr", "reversed", "enumerate", "defined", "String", "Int32", "split_to_array", "enumerate_with_last", "JSON",
             "Boolean", "column", "symbol", "dict", "ord", "range"]


class Writer:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def pick(self, items):
        return self.random.choice(items)

    def literal(self):
        return self.pick(["1", "0", "-2", "2.5", "'a'", "'a,b'", "''", "None", "True", "False", "[1, 2]", "['a', 'b']", "{'k': 1}",
                          "(1, 2)", "[]", "10 ** 20", "'5'", "1e-7", "{1, 2}"])

    def typed(self):
        """A parameter with its type, as templates in use have it."""
        name, kind = self.pick(NAMES), self.pick(TYPES)
        default = self.pick(["", "", ", 5", ", '5'", ", 'a'", ", '2020-01-01'", ", ''", ", 0", ", None", ", '[1]'"])
        if kind == "Array":
            element = self.pick(["", ", 'String'", ", 'Int32'", ", 'Float64'", ", 'Date'"])
            return f"Array({name}{element}{default if element else ''})"
        extra = self.pick(["", "", "", ", description='d'", ", required=True", ", defined=False"])
        return f"{kind}({name}{default}{extra if kind not in ('Boolean', 'JSON') else ''})"

    def value(self, depth):
        """Any expression of a statement."""
        if depth <= 0:
            return self.pick([self.literal(), self.pick(NAMES), self.typed()])
        shape = self.random.randrange(15)
        inner = lambda: self.value(depth - 1)
        if shape == 0:
            return f"({inner()} {self.pick(['+', '-', '*', '/', '//', '%', '+', '+'])} {inner()})"
        if shape == 1:
            return f"({inner()} {self.pick(['==', '!=', '<', '>', '<=', '>=', 'in', 'not in', 'is', 'is not'])} {inner()})"
        if shape == 2:
            return f"({inner()} {self.pick(['and', 'or'])} {inner()})"
        if shape == 3:
            return f"{self.pick(FUNCTIONS)}({inner()})"
        if shape == 4:
            return f"{self.pick(NAMES)}.{self.pick(METHODS)}"
        if shape == 5:
            return f"({inner()}).{self.pick(METHODS)}"
        if shape == 6:
            return f"({inner()})[{self.pick(['0', '-1', '1:', ':2', '::2', '::-1', self.literal()])}]"
        if shape == 7:
            return f"({inner()} if {inner()} else {inner()})"
        if shape == 8:
            return f"[{inner()}, {inner()}]"
        if shape == 9:
            return f"{{'k': {inner()}, 'l': {inner()}}}"
        if shape == 10:
            return f"[{self.pick(['v', '[v, v]', 'str(v)', 'v == 1'])} for v in {inner()}{self.pick(['', ' if v'])}]"
        if shape == 11:
            return "f'" + self.pick(["{a}", "{n:>5}", "{1 + 1}-{b}", "{x}x{{y}}", "{2.5:.3f}"]) + "'"
        if shape == 12:
            return f"(not {inner()})"
        if shape == 13:
            return f"{self.pick(['any', 'all', 'list', 'sum', 'tuple'])}(v for v in {inner()})"
        return self.literal()

    def output(self):
        """What stands between `{{` and `}}`."""
        shape = self.random.randrange(8)
        if shape < 4:
            return self.typed()
        if shape == 4:
            return self.pick(NAMES)
        if shape == 5:
            return self.pick([
                f"column({self.pick(NAMES)}, 'c')", f"columns({self.pick(NAMES)}, 'a,b')", f"symbol({self.pick(NAMES)})",
                f"sql_and(p={self.pick(NAMES)}, q__in={self.typed()})", f"defined({self.pick(NAMES)})", "error('no')",
                f"split_to_array({self.pick(NAMES)}, 'p,q')", f"sql_unescape({self.typed()}, '%')", "max_threads(2)",
                f"date_diff_in_days({self.pick(NAMES)}, '2024-01-01')", f"day_diff({self.typed()}, '2024-02-01')",
                "custom_error({'e': 1}, 404)", f"len({self.pick(NAMES)})", f"JSON({self.pick(NAMES)}, '[1]')[0]",
                f"{self.pick(NAMES)}.get('k', 'd')", f"','.join({self.pick(NAMES)})", "tb_secret('s', 'd')",
            ])
        if shape == 6:
            return f"{self.typed()} {self.pick(['+', '-', '*'])} {self.pick([self.typed(), self.literal()]).replace('**', '*')}"
        return f"{self.typed()} if {self.typed()} else {self.typed()}"

    def chunks(self, depth, in_loop):
        out = ""
        for _ in range(self.random.randrange(1, 4)):
            shape = self.random.randrange(10)
            if shape < 3 or depth <= 0:
                out += f" {{{{{self.output()}}}}}"
            elif shape < 5:
                out += f"{{% if {self.value(2)} %}}{self.chunks(depth - 1, in_loop)}"
                if self.random.random() < 0.4:
                    out += f"{{% elif {self.value(1)} %}}{self.chunks(depth - 1, in_loop)}"
                if self.random.random() < 0.5:
                    out += f"{{% else %}}{self.chunks(depth - 1, in_loop)}"
                out += "{% end %}"
            elif shape == 5:
                target, source = self.pick([("v", self.value(1)), ("v", self.typed()), ("i, v", f"enumerate({self.value(1)})"),
                                            ("last, v", f"enumerate_with_last({self.value(1)})")])
                out += f"{{% for {target} in {source} %}}{self.chunks(depth - 1, True)}{{{{v}}}}{{% end %}}"
            elif shape == 6:
                out += f"{{% set s = {self.value(2)} %}}{{{{s}}}}"
            elif shape == 7:
                out += f"{{% try %}}{self.chunks(depth - 1, in_loop)}{{% except {self.pick(['', 'ValueError', 'Exception', 'TypeError'])} %}}!{{% end %}}"
            elif shape == 8 and in_loop:
                out += self.pick(["{% break %}", "{% continue %}"])
            else:
                out += self.pick([" SELECT 1", "\n", " AND x = 1", " -- c\n"])
        return out

    def case(self):
        case = {"template": self.chunks(2, False)}
        params = {}
        for name in NAMES:
            chance = self.random.random()
            if chance < 0.45:
                params[name] = self.pick(TEXTS)
            elif chance < 0.55:
                params[name] = self.pick(JSON_VALUES)
        if params:
            case["params"] = params
        if self.random.random() < 0.25:
            case["mode"] = self.pick(["test", "deploy"])
        return case


def random_case(seed):
    return Writer(seed).case()
