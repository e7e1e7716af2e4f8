"""What of YAML 1.2 is read: texts, plain numbers, true and false, lists and keys, within limits; dates stay texts."""

from __future__ import annotations

import re
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent
from ruamel.yaml.nodes import MappingNode, ScalarNode

from kit.limits import DEPTH, DIGITS, NODES
from kit.nearest import shortened

WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]*)")
DECIMAL = re.compile(r"[-+]?((0|[1-9][0-9]*)?(\.[0-9]*)?([eE][-+]?[0-9]+)?|\.(inf|Inf|INF))|\.(nan|NaN|NAN)")
MAPPING_TAG = "tag:yaml.org,2002:"


class Refused(YAMLError):
    """What the rules do not allow, in words."""


def refused(said: str, mark: Any) -> Refused:
    """The error that names the line."""
    return Refused(f"{said} (line {mark.line + 1})")


class Composed(Composer):
    """Nodes counted while they are made; a name that stands for other nodes counts as all of them."""

    warn_double_anchors = False

    def __init__(self, loader: Any = None) -> None:
        super().__init__(loader=loader)
        self.sizes: dict[int, tuple[int, int]] = {}

    def compose_document(self) -> Any:
        """The one document; a line such as %YAML 1.1 is refused, since it would change what words mean."""
        event = self.parser.peek_event()
        if event.version or event.tags:
            raise refused("lines beginning with % are not read", event.start_mark)
        return super().compose_document()

    def compose_node(self, parent: Any, index: Any) -> Any:
        """One node with those in it, within the limits."""
        event = self.parser.peek_event()
        if getattr(event, "ctag", None) is not None:
            raise refused("words beginning with ! are not read", event.start_mark)
        if self.depth >= DEPTH:
            raise refused(f"more than {DEPTH} levels of keys and lists in one another", event.start_mark)
        alias = event.anchor if isinstance(event, AliasEvent) else None
        if alias in self.anchors and id(self.anchors[alias]) not in self.sizes:
            raise refused(f"'{shortened(str(alias))}' is used inside of what it stands for", event.start_mark)
        node = super().compose_node(parent, index)
        self._count(node, event.start_mark)
        return node

    def _count(self, node: Any, mark: Any) -> None:
        """Keep how many nodes there are in a node, and how deep; refuse too many, and a node within itself."""
        if id(node) not in self.sizes:
            sizes = [self.sizes[id(child)] for child in _children(node)]
            self.sizes[id(node)] = 1 + sum(size for size, _ in sizes), 1 + max((deep for _, deep in sizes), default=0)
        size, deep = self.sizes[id(node)]
        if size > NODES:
            raise refused(f"more than {NODES:,} entries, names for other places followed", mark)
        if deep > DEPTH:
            raise refused(f"more than {DEPTH} levels of keys and lists in one another", mark)


def _children(node: Any) -> list[Any]:
    """The nodes that a node holds."""
    if isinstance(node, ScalarNode):
        return []
    return [each for pair in node.value for each in pair] if isinstance(node, MappingNode) else list(node.value)


class Constructed(SafeConstructor):
    """Values of nodes."""

    def construct_yaml_int(self, node: Any) -> int:
        """A whole number, written plainly."""
        return int(_plain_number(node, WHOLE))

    def construct_yaml_float(self, node: Any) -> float:
        """A number, written plainly."""
        return float(_plain_number(node, DECIMAL).lstrip("+").replace(".inf", "inf").replace(".nan", "nan"))

    def construct_yaml_str(self, node: Any) -> str:
        """A text; half of a pair of signs, which no file could hold, is refused."""
        text = str(self.construct_scalar(node))
        if any("\ud800" <= sign <= "\udfff" for sign in text):
            raise refused("a text holds a sign that is not in UTF-8", node.start_mark)
        return text

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        """Keys with values; a key is a text or a number."""
        for key, _ in node.value:
            if not isinstance(key, ScalarNode):
                raise refused("a key is a list or holds keys itself: expected a text", key.start_mark)
        return super().construct_mapping(node, deep=deep)

    def check_mapping_key(self, node: Any, key_node: Any, mapping: Any, key: Any, value: Any) -> bool:  # noqa: ARG002
        """Refuse a key that is written twice."""
        if key in mapping:
            raise refused(f"'{shortened(str(key))}' is written twice", key_node.start_mark)
        return True


def _plain_number(node: Any, form: re.Pattern[str]) -> str:
    """The characters of a number; those that other readers take for another number are refused."""
    text = str(node.value)
    if len(text) > DIGITS:
        raise refused(f"'{shortened(text)}' is a number of more than {DIGITS} digits", node.start_mark)
    if not form.fullmatch(text):
        meant = re.sub(r"(?<![0-9.])0+(?=[0-9])", "", text.replace("_", ""))
        hint = f"write {meant}, or '{text}' in quotes" if re.fullmatch(r"[-+0-9.eE]+", meant) else "put it in quotes"
        raise refused(f"'{text}' is read differently by different readers: {hint} where a text is meant",
                      node.start_mark)  # fmt: skip
    return text.replace("Inf", "inf").replace("INF", "inf").replace("NaN", "nan").replace("NAN", "nan")


for _tag, _make in (
    ("int", Constructed.construct_yaml_int), ("float", Constructed.construct_yaml_float),
    ("timestamp", Constructed.construct_yaml_str), ("str", Constructed.construct_yaml_str),
    ("value", Constructed.construct_yaml_str),
):  # fmt: skip
    Constructed.add_constructor(MAPPING_TAG + _tag, _make)


def parsed(text: str) -> Any:
    """What a text in YAML says; ValueError with one sentence, without its end, where it says nothing that is read."""
    yaml = YAML(typ="safe", pure=True)
    yaml.Composer, yaml.Constructor = Composed, Constructed
    try:
        return yaml.load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        told = error.problem or error.context or "it cannot be read"
        said = "expected one document" if told.startswith("but found") else shortened(unquoted(told))
        raise ValueError(f"{said} (line {mark.line + 1})" if mark else said) from None
    except YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from None


def unquoted(told: str) -> str:
    """What the reader says is wrong, without what it quotes of a text that may be no file of ours."""
    return " ".join(re.sub(r"'[^']{3,}'", "a word", told).split())


def written(told: Any) -> str:
    """A text in YAML that says so, keys in their order."""
    import io

    yaml: Any = YAML(typ="safe", pure=True)
    yaml.default_flow_style, yaml.allow_unicode, yaml.sort_base_mapping_type_on_output = False, True, False
    yaml.width = 110
    stream = io.StringIO()
    yaml.dump(told, stream)
    return stream.getvalue()
