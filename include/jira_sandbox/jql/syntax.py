"""From words to a tree: recursive descent over `OR`, `AND`, `NOT`, parentheses and clauses.

Negation is carried down to the clauses while parsing, as Jira does: `NOT resolution = Done` means `resolution != Done`,
which is false for an issue without resolution.
"""

from dataclasses import dataclass
from typing import NoReturn

from include.jira_sandbox.jql.tokens import JqlError, Kind, Token, cut_tokens

# Deep enough for any query a person or program writes, shallow enough for the recursion below.
MAX_DEPTH = 100

OPPOSITES = {"=": "!=", "~": "!~", "in": "not in", "is": "is not", "<": ">=", ">": "<="}
OPPOSITES |= {opposite: operator for operator, opposite in OPPOSITES.items()}
_RESERVED = frozenset({"and", "or", "not", "in", "is", "was", "changed", "order", "by", "empty", "null"})


@dataclass(frozen=True, slots=True)
class Operand:
    """What a field is compared with: a text, EMPTY (`text` None), or a function call (`arguments` not None)."""

    text: str | None
    arguments: tuple[str, ...] | None = None


EMPTY = Operand(None)


@dataclass(frozen=True, slots=True)
class Clause:
    """One comparison; `in` and `not in` have any number of operands, all others one."""

    field: str
    operator: str
    operands: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class Junction:
    """Several conditions of which all (`is_all`) or any must hold."""

    is_all: bool
    parts: tuple["Condition", ...]


Condition = Clause | Junction


@dataclass(frozen=True, slots=True)
class Ordering:
    """One term of ORDER BY."""

    field: str
    is_descending: bool


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query; `where` is None when it does not restrict anything."""

    where: Condition | None
    order: tuple[Ordering, ...]


def parse_jql(text: str) -> Query:
    """Return the tree of a query; raise JqlError with Jira's kind of message when it has no sense."""
    parser = _Parser(cut_tokens(text))
    where = None if parser.is_done() or parser.here.is_word("order") else parser.read_any(0, negated=False)
    return Query(where, parser.read_order())


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._position = 0

    @property
    def here(self) -> Token:
        return self._tokens[self._position]

    def is_done(self) -> bool:
        return self.here.kind is Kind.END

    def _take(self) -> Token:
        token = self.here
        if token.kind is not Kind.END:
            self._position += 1
        return token

    def _fail(self, expected: str) -> NoReturn:
        found = "the end of the query" if self.is_done() else f"'{self.here.text[:80]}'"
        raise JqlError(
            f"Error in the JQL Query: Expecting {expected} but got {found}. (line 1, character {self.here.position})"
        )

    def read_any(self, depth: int, *, negated: bool) -> Condition:
        parts = [self._read_all(depth, negated=negated)]
        while self.here.is_word("or") or self.here.is_symbol("||", "|"):
            self._take()
            parts.append(self._read_all(depth, negated=negated))
        return parts[0] if len(parts) == 1 else Junction(negated, tuple(parts))

    def _read_all(self, depth: int, *, negated: bool) -> Condition:
        parts = [self._read_term(depth, negated=negated)]
        while self.here.is_word("and") or self.here.is_symbol("&&", "&"):
            self._take()
            parts.append(self._read_term(depth, negated=negated))
        return parts[0] if len(parts) == 1 else Junction(not negated, tuple(parts))

    def _read_term(self, depth: int, *, negated: bool) -> Condition:
        if depth > MAX_DEPTH:
            raise JqlError(f"Error in the JQL Query: It is nested deeper than {MAX_DEPTH} levels.")
        if self.here.is_word("not") or self.here.is_symbol("!"):
            self._take()
            return self._read_term(depth + 1, negated=not negated)
        if self.here.is_symbol("("):
            self._take()
            inner = self.read_any(depth + 1, negated=negated)
            self._take_symbol(")")
            return inner
        return self._read_clause(negated=negated)

    def _take_symbol(self, symbol: str) -> None:
        if not self.here.is_symbol(symbol):
            self._fail(f"'{symbol}'")
        self._take()

    def _read_clause(self, *, negated: bool) -> Clause:
        field = self._read_name("a field name")
        operator = self._read_operator()
        if operator in {"in", "not in"}:
            operands = self._read_list()
        else:
            operands = (self._read_operand(),)
            if operator in {"is", "is not"} and operands != (EMPTY,):
                raise JqlError(f"The operator '{operator}' is only for EMPTY and NULL.")
        return Clause(field.casefold(), OPPOSITES[operator] if negated else operator, operands)

    def _read_name(self, expected: str) -> str:
        if self.here.kind not in {Kind.WORD, Kind.STRING} or self.here.is_word(*_RESERVED):
            self._fail(expected)
        return self._take().text

    def _read_operator(self) -> str:
        token = self.here
        if token.is_word("was", "changed"):
            raise JqlError(f"The operator '{token.text}' searches the history, which this stand-in does not index.")
        if token.is_word("in", "is", "not"):
            return self._read_word_operator()
        if token.kind is not Kind.SYMBOL or token.text not in OPPOSITES:
            self._fail("an operator (=, !=, <, >, <=, >=, ~, !~, IN, NOT IN, IS, IS NOT)")
        return self._take().text

    def _read_word_operator(self) -> str:
        first = self._take().text.casefold()
        second = {"not": "in", "is": "not"}.get(first)
        if second is not None and self.here.is_word(second):
            self._take()
            return f"{first} {second}"
        if first == "not":
            self._fail("'IN'")
        return first

    def _read_list(self) -> tuple[Operand, ...]:
        if not self.here.is_symbol("("):
            operand = self._read_operand()
            if operand.arguments is None:
                raise JqlError("Error in the JQL Query: 'IN' needs a list in parentheses or a function.")
            return (operand,)
        self._take()
        operands = [self._read_operand()]
        while self.here.is_symbol(","):
            self._take()
            operands.append(self._read_operand())
        self._take_symbol(")")
        return tuple(operands)

    def _read_operand(self) -> Operand:
        if self.here.is_word("empty", "null"):
            self._take()
            return EMPTY
        is_word = self.here.kind is Kind.WORD
        text = self._read_name("a value")
        if is_word and self.here.is_symbol("("):
            return Operand(text, self._read_arguments())
        return Operand(text)

    def _read_arguments(self) -> tuple[str, ...]:
        self._take()
        arguments: list[str] = []
        while not self.here.is_symbol(")"):
            if arguments:
                self._take_symbol(",")
            arguments.append(self._read_name("an argument"))
        self._take()
        return tuple(arguments)

    def read_order(self) -> tuple[Ordering, ...]:
        if self.is_done():
            return ()
        if not self.here.is_word("order"):
            self._fail("'AND', 'OR' or 'ORDER BY'")
        self._take()
        if not self.here.is_word("by"):
            self._fail("'BY'")
        self._take()
        terms = [self._read_ordering()]
        while self.here.is_symbol(","):
            self._take()
            terms.append(self._read_ordering())
        if not self.is_done():
            self._fail("',' or the end of the query")
        return tuple(terms)

    def _read_ordering(self) -> Ordering:
        field = self._read_name("a field name").casefold()
        is_descending = self.here.is_word("desc")
        if self.here.is_word("asc", "desc"):
            self._take()
        return Ordering(field, is_descending)
