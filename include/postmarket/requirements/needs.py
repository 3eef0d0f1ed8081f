"""needs.json of sphinx-needs: the current version, every need with its typed links."""

from typing import Any

from include.postmarket.requirements.json_files import JsonFile, spelled
from include.postmarket.requirements.mapping import Mapping
from include.postmarket.requirements.reading import Draft, Reading, fatal

_KNOWN_LINKS = frozenset(
    ["links", "blocks", "tests", "checks", "triggers", "satisfies", "implements", "refines", "verifies", "derived_from"]
)
#: Made anew at every build from what else stands in the file, or only about how a need is drawn.
_DERIVED = frozenset({
    "is_need", "is_part", "is_external", "is_import", "is_modified", "modifications", "has_dead_links",
    "has_forbidden_dead_links", "layout", "style", "hide", "collapse", "lineno", "lineno_content", "doctype",
    "external_css", "external_url", "type_color", "type_style", "type_prefix", "id_complete", "id_parent",
    "section_name", "jinja_content", "template", "pre_template", "post_template", "constraints_results",
    "constraints_passed", "constraints_error", "content_node", "content_id", "docname", "title_from_content",
    "full_title",
})  # fmt: skip


def read_needs(content: bytes, file: str, mapping: Mapping) -> Reading:
    """Give the needs of the current version, or of the one that the mapping names; other versions are listed.

    Raises FaultyContentError when it is no needs.json or has no such version.
    """
    reading = Reading()
    source = JsonFile(content, file, reading)
    versions = source.value.get("versions") if isinstance(source.value, dict) else None
    if not isinstance(versions, dict):
        raise fatal("is no needs.json: it has no versions", file, 1)
    chosen = _choose(versions, mapping.version or str(source.value.get("current_version") or ""), file)
    version = versions[chosen]
    needs = version.get("needs") if isinstance(version, dict) else None
    if not isinstance(needs, dict):
        raise fatal(f"version {chosen!r} holds no needs", file, source.line(chosen))
    others = sorted(set(versions) - {chosen})
    if others:
        reading.listed(f"version {chosen!r} is taken, not {', '.join(others)}", file, source.line(chosen))
    amount = version.get("needs_amount")
    if isinstance(amount, int) and amount != len(needs):
        reading.error(f"says {amount} needs and holds {len(needs)}: it is not whole", file, source.line("needs_amount"))
    schema = version.get("needs_schema")
    properties: dict[str, Any] = schema.get("properties", {}) if isinstance(schema, dict) else {}
    for name, need in needs.items():
        if isinstance(need, dict):
            reading.drafts.append(_draft(name, need, properties, source, mapping))
        else:
            reading.error(f"need {name!r} is no object", file, source.line(name))
    return reading


def _choose(versions: dict[str, Any], wanted: str, file: str) -> str:
    if wanted in versions:
        return wanted
    if not wanted and len(versions) == 1:
        return next(iter(versions))
    known = ", ".join(repr(name) for name in versions) or "none"
    raise fatal(f"has no version {wanted!r}; it has {known}: say one in the mapping (version: ...)", file, 1)


def _draft(name: str, need: dict[str, Any], properties: dict[str, Any], source: JsonFile, mapping: Mapping) -> Draft:
    defaults = {
        key: rule["default"] for key, rule in properties.items() if isinstance(rule, dict) and "default" in rule
    }
    whole = {**{key: value for key, value in defaults.items() if value not in (None, "", [])}, **need}
    fields = {"id": str(need.get("id") or name)}
    links: list[tuple[str, str]] = []
    for key, value in whole.items():
        kind = _kind(key, properties, need)
        if kind == "links" and isinstance(value, list | str):
            targets = value if isinstance(value, list) else [value]
            links += [(mapping.role(key), str(target)) for target in targets if str(target).strip()]
        elif kind != "backlinks" and key not in _DERIVED and key != "id" and (text := spelled(value)):
            fields[key] = text
    if "content" not in fields and "description" in fields:
        fields["content"] = fields.pop("description")
    line = source.line(str(need.get("id") or name))
    return Draft(key=fields["id"], fields=fields, links=links, file=source.file, line=line)


def _kind(key: str, properties: dict[str, Any], need: dict[str, Any]) -> str:
    """Say whether a field holds links: by the file's own schema, else by its twin of links back."""
    rule = properties.get(key)
    if isinstance(rule, dict) and rule.get("field_type"):
        return str(rule["field_type"])
    if key.endswith("_back"):
        return "backlinks"
    return "links" if key in _KNOWN_LINKS or f"{key}_back" in need else "other"
