"""Cutting a query into words."""

import re
from dataclasses import dataclass
from enum import Enum, auto


class JqlError(Exception):
    """A query that Jira refuses; the message goes into the answer's errorMessages."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Kind(Enum):
    """What a token is."""

    WORD = auto()
    STRING = auto()
    SYMBOL = auto()
    END = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of a query; `text` of a string is without its quotes, `position` counts characters from 1."""

    kind: Kind
    text: str
    position: int

    def is_word(self, *words: str) -> bool:
        """Return whether this is one of some unquoted words, in any case."""
        return self.kind is Kind.WORD and self.text.casefold() in words

    def is_symbol(self, *symbols: str) -> bool:
        """Return whether this is one of some symbols."""
        return self.kind is Kind.SYMBOL and self.text in symbols


_PIECES = re.compile(
    r"""(?P<space>\s+)
      | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      | (?P<symbol>!=|!~|<=|>=|&&|\|\||[=~<>!(),&|])
      | (?P<custom>cf\[[0-9]+\])
      | (?P<word>[^\s"'=~<>!(),&|{}*/%+^$\#@?;\\]+)
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", '"': '"', "'": "'", " ": " "}


def cut_tokens(query: str) -> list[Token]:
    """Return the tokens of a query, an END token last; raise JqlError for a character that must be quoted."""
    tokens = []
    for piece in _PIECES.finditer(query):
        text, position = piece.group(), piece.start() + 1
        match piece.lastgroup:
            case "string":
                tokens.append(Token(Kind.STRING, _unescape(text[1:-1], position), position))
            case "symbol":
                tokens.append(Token(Kind.SYMBOL, text, position))
            case "word" | "custom":
                tokens.append(Token(Kind.WORD, text, position))
            case "other":
                raise JqlError(_describe(text, position))
    return [*tokens, Token(Kind.END, "", len(query) + 1)]


def _describe(character: str, position: int) -> str:
    if character in "\"'":
        return f"Error in the JQL Query: The quoted string at character {position} has not been completed."
    return (
        f"Error in the JQL Query: The character '{character}' is a reserved JQL character. You must enclose it in a "
        f"string or use an escape. (line 1, character {position})"
    )


def _unescape(text: str, position: int) -> str:
    def replace(found: re.Match[str]) -> str:
        escape = found.group(1)
        if escape.startswith("u"):
            character = chr(int(escape[1:], 16))
            if not "\ud800" <= character <= "\udfff":
                return character
        elif escape in _ESCAPES:
            return _ESCAPES[escape]
        raise JqlError(f"Error in the JQL Query: '\\{escape}' is an illegal JQL escape sequence (at {position}).")

    return re.sub(r"\\(u[0-9a-fA-F]{4}|.)", replace, text, flags=re.DOTALL)
