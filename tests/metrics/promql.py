"""Computes an expression over one scrape, as Prometheus would at that moment: the part of its language that the hub's
rules and panels use. What it does not know, it refuses."""

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import promql_parser
from prometheus_client.samples import Sample

Labels = frozenset[tuple[str, str]]
Vector = dict[Labels, float]
Value = float | Vector

ARITHMETIC: Mapping[str, Callable[[float, float], float]] = {"-": operator.sub, "/": operator.truediv}
COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {">": operator.gt, "<": operator.lt, "==": operator.eq}


@dataclass(frozen=True)
class Moment:
    """What was scraped, and when (seconds since 1970)."""

    samples: tuple[Sample, ...]
    now: float

    def ask(self, expression: str) -> Vector:
        """The series that the expression gives, by their labels; of a rule, those that fire."""
        found = self._value(promql_parser.parse(expression))
        return found if isinstance(found, dict) else {frozenset(): found}

    def _value(self, tree: promql_parser.Expr) -> Value:
        match tree:
            case promql_parser.NumberLiteral():
                return float(tree.val)
            case promql_parser.ParenExpr():
                return self._value(tree.expr)
            case promql_parser.VectorSelector():
                return self._selected(tree)
            case promql_parser.AggregateExpr():
                return self._sum(tree)
            case promql_parser.Call():
                return self._called(tree)
            case promql_parser.BinaryExpr():
                return _both(str(tree.op), self._value(tree.lhs), self._value(tree.rhs))
        raise NotImplementedError(str(tree))

    def _selected(self, tree: promql_parser.VectorSelector) -> Vector:
        return {
            frozenset(one.labels.items()): one.value
            for one in self.samples
            if one.name == tree.name and _matches(one.labels, tree.matchers.matchers)
        }

    def _sum(self, tree: promql_parser.AggregateExpr) -> Vector:
        if str(tree.op) not in {"sum", "min"}:
            raise NotImplementedError(str(tree.op))
        kept = set(tree.modifier.labels) if tree.modifier else set()
        groups: dict[Labels, list[float]] = {}
        for labels, value in _vector(self._value(tree.expr)).items():
            groups.setdefault(frozenset(pair for pair in labels if pair[0] in kept), []).append(value)
        together = sum if str(tree.op) == "sum" else min
        return {labels: float(together(values)) for labels, values in groups.items()}

    def _called(self, tree: promql_parser.Call) -> Value:
        given = [self._value(one) for one in tree.args]
        match tree.func.name:
            case "time":
                return self.now
            case "vector":
                return {frozenset(): float(_number(given[0]))}
            case "sort_desc":
                return _vector(given[0])
            case "clamp_min":
                return {labels: max(value, _number(given[1])) for labels, value in _vector(given[0]).items()}
        raise NotImplementedError(tree.func.name)


def names_in(expression: str) -> set[str]:
    """The metrics that an expression names."""
    found: set[str] = set()

    def look(tree: promql_parser.Expr) -> bool:
        if isinstance(tree, promql_parser.VectorSelector):
            found.add(str(tree.name))
        return True

    promql_parser.walk(promql_parser.parse(expression), look)
    return found


def _matches(labels: Mapping[str, str], matchers: Iterable[promql_parser.Matcher]) -> bool:
    for one in matchers:
        value = labels.get(one.name, "")
        if one.op == promql_parser.MatchOp.Equal:
            is_so = value == one.value
        elif one.op == promql_parser.MatchOp.Re:
            is_so = re.fullmatch(one.value, value) is not None
        else:
            raise NotImplementedError(str(one.op))
        if not is_so:
            return False
    return True


def _both(sign: str, left: Value, right: Value) -> Value:
    if sign == "or":
        return {**_vector(right), **_vector(left)}
    pairs = _pairs(left, right)
    if sign in COMPARISONS:
        return {labels: one for labels, (one, other) in pairs.items() if COMPARISONS[sign](one, other)}
    return {labels: ARITHMETIC[sign](one, other) for labels, (one, other) in pairs.items()}


def _pairs(left: Value, right: Value) -> dict[Labels, tuple[float, float]]:
    """Values of the same labels on both sides; a number goes with every series."""
    if isinstance(left, dict) and isinstance(right, dict):
        return {labels: (left[labels], right[labels]) for labels in left.keys() & right.keys()}
    if isinstance(left, dict):
        return {labels: (value, _number(right)) for labels, value in left.items()}
    return {labels: (left, value) for labels, value in _vector(right).items()}


def _vector(value: Value) -> Vector:
    if not isinstance(value, dict):
        raise NotImplementedError("a number where series are asked for")
    return value


def _number(value: Value) -> float:
    if isinstance(value, dict):
        raise NotImplementedError("series where a number is asked for")
    return value
