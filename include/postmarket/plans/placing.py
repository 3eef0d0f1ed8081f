"""Gives findings about a value the file and line that the value was read from."""

import dataclasses
from collections.abc import Iterable

from include.postmarket.model.finding import Finding
from include.postmarket.model.yaml_tree import YamlTree


def placed(findings: Iterable[Finding], tree: YamlTree) -> tuple[Finding, ...]:
    """Give the findings with file and line of the tree, in the order of its lines."""
    found = (dataclasses.replace(finding, file=tree.file, line=tree.line(finding.key)) for finding in findings)
    return tuple(sorted(found, key=lambda finding: finding.line))
